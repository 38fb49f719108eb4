import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type PipeReading, readPipe } from '../../src/client/read-pipe.ts'
import { lineKind } from '../../src/commands/parse-line.ts'

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

/** A pipe of somebody who talks to nobody, and calls bob. */
const reading = (enter: PipeReading['enter'], more: Partial<PipeReading> = {}): PipeReading => ({
  kindOf: (line, behindTexts) => lineKind(line, 'pipe', () => ({ calling: ['bob'], selected: null, behindTexts })),
  enter,
  onBadLine: () => expect.fail(),
  ...more,
})

/** Reads lines whose work takes until the test ends it; notes what starts and what is done. */
function worker() {
  const notes: string[] = []
  const ends = new Map<string, () => void>()
  return {
    notes,
    end(line: string) {
      ends.get(line)?.()
      return nextTurn()
    },
    async enter(line: string): Promise<void> {
      notes.push(line)
      await new Promise<void>(resolve => ends.set(line, resolve))
      notes.push(`${line} done`)
    },
  }
}

test('one line after the other, in order', async () => {
  const { notes, enter, end } = worker()
  const read = readPipe(chunks('/chat bob\nhello\n'), reading(enter))
  await nextTurn()
  expect(notes).toEqual(['/chat bob'])
  await end('/chat bob')
  await end('hello')
  await read
  expect(notes).toEqual(['/chat bob', '/chat bob done', 'hello', 'hello done'])
})

test('an answer to a call starts at once, and what stands behind it waits for it', async () => {
  const { notes, enter, end } = worker()
  const read = readPipe(chunks('/chat bob\n/accept carol\nhello\n'), reading(enter))
  await nextTurn()
  expect(notes).toEqual(['/chat bob', '/accept carol'])
  await end('/chat bob')
  expect(notes).toEqual(['/chat bob', '/accept carol', '/chat bob done'])
  await end('/accept carol')
  expect(notes.at(-1)).toBe('hello')
  await end('hello')
  await read
})

test.each(['/leave bob', '/LEAVE  Bob ', '/leave'])('%j does not wait for the call that it ends', async leave => {
  const { notes, enter, end } = worker()
  const read = readPipe(chunks(`/chat bob\n/who\n${leave}\n`), reading(enter))
  await nextTurn()
  expect(notes).toEqual(['/chat bob', leave])
  await end(leave)
  await end('/chat bob')
  await end('/who')
  await read
})

test.each([
  ['it stands behind a text', 'hello', '/leave bob'],
  ['its call is that of a text', '/msg bob hello', '/leave bob'],
  ['it is about somebody else', '/who', '/leave carol'],
])('/leave waits for its turn where %s', async (_, before, leave) => {
  const { notes, enter, end } = worker()
  const read = readPipe(chunks(`/chat bob\n${before}\n${leave}\n`), reading(enter))
  await nextTurn()
  expect(notes).toEqual(['/chat bob'])
  for (const line of ['/chat bob', before, leave]) await end(line)
  await read
  expect(notes.at(-1)).toBe(`${leave} done`)
})

test('where the first call leads to nothing, what waits for it is not entered', async () => {
  const notes: string[] = []
  let answer: (open: boolean) => void = () => {}
  const after = new Promise<boolean>(resolve => (answer = resolve))
  const read = readPipe(
    chunks('hello\n/accept carol\nbye\n'),
    reading(async line => void notes.push(line), { after }),
  )
  await nextTurn()
  expect(notes).toEqual(['/accept carol'])
  answer(false)
  await read
  expect(notes).toEqual(['/accept carol'])
})

test('a line that can not be read is told in its turn', async () => {
  const notes: string[] = []
  await readPipe(
    chunks(`one\n${'x'.repeat(16_385)}\nthree\n`),
    reading(async line => void notes.push(line), { onBadLine: error => void notes.push(error.code) }),
  )
  expect(notes).toEqual(['one', 'bad-input', 'three'])
})

test('reading pauses while many lines wait', async () => {
  let given = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given += 1
      yield Buffer.from('x\n')
    }
  }
  void readPipe(
    endless(),
    reading(() => new Promise(() => undefined)),
  )
  for (let i = 0; i < 10; i++) await nextTurn()
  expect(given).toBeLessThan(100)
})
