import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readPipe } from '../src/client/read-pipe.ts'

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

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
  const read = readPipe(chunks('/chat bob\nhello\n'), enter, () => expect.fail())
  await nextTurn()
  expect(notes).toEqual(['/chat bob'])
  await end('/chat bob')
  await end('hello')
  await read
  expect(notes).toEqual(['/chat bob', '/chat bob done', 'hello', 'hello done'])
})

test('an answer to a call starts at once, and what stands behind it waits for it', async () => {
  const { notes, enter, end } = worker()
  const read = readPipe(chunks('/chat bob\n/accept carol\nhello\n'), enter, () => expect.fail())
  await nextTurn()
  expect(notes).toEqual(['/chat bob', '/accept carol'])
  await end('/chat bob')
  expect(notes).toEqual(['/chat bob', '/accept carol', '/chat bob done'])
  await end('/accept carol')
  expect(notes.at(-1)).toBe('hello')
  await end('hello')
  await read
})

test('a line that can not be read is told in its turn', async () => {
  const notes: string[] = []
  await readPipe(
    chunks(`one\n${'x'.repeat(16_385)}\nthree\n`),
    async line => void notes.push(line),
    error => void notes.push(error.code),
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
    () => new Promise(() => undefined),
    () => expect.fail(),
  )
  for (let i = 0; i < 10; i++) await nextTurn()
  expect(given).toBeLessThan(100)
})
