import { setImmediate as nextTurn } from 'node:timers/promises'
import { deferred } from '@p2p-secure-chat/core/deferred'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { GOODBYE, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, onTestFinished, test } from 'vitest'
import { answerAll } from '../src/answer-all.ts'
import { type Calculator, connectCalculator } from '../src/client.ts'
import { startCalculator } from '../src/server.ts'
import { fakeClock } from '../../basic-p2p/test/support/fake-clock.ts'
import { frame, HELLO_BYTES, type RawPeer, rawServer } from './support/raw-peer.ts'
import { EVALUATE, RESULT } from '../src/messages.ts'

const ERROR = 0x02

async function startServer() {
  const server = await startCalculator({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.stop())
  return server
}

/** A server of a test's own, from after the hellos on. */
function scripted(script: (peer: RawPeer) => void | Promise<void>) {
  return rawServer(async peer => {
    peer.write(HELLO_BYTES)
    await peer.receive()
    await script(peer)
  })
}

/** What ends the attempt. */
async function failure(attempt: Promise<unknown>): Promise<string> {
  const outcome = await attempt.catch((error: unknown) => error)
  if (outcome instanceof ChatError) return outcome.code
  throw new Error('it did not fail', { cause: outcome })
}

async function ask(calculator: Calculator, expression: string) {
  await calculator.ask(expression)
  return calculator.answer()
}

test('each answer comes with its question', async () => {
  const calculator = await connectCalculator(await startServer())
  expect(await ask(calculator, '2 + 3 * 4')).toEqual({ expression: '2 + 3 * 4', evaluation: { result: '20' } })
  expect(await ask(calculator, '1/0')).toMatchObject({ evaluation: { error: { code: 'division-by-zero', column: 3 } } })
  expect(await ask(calculator, '😀')).toMatchObject({ evaluation: { error: { code: 'syntax', column: 1 } } })
  await calculator.close()
  expect(await calculator.answer()).toBeNull()
  expect(await calculator.answer()).toBeNull()
  expect(await failure(calculator.ask('1'))).toBe('closed')
})

test('20,000 questions, asked ahead, are answered in order', async () => {
  const calculator = await connectCalculator(await startServer())
  const questions = Array.from({ length: 20_000 }, (_, i) => ({ expression: `${i} * 2` }))
  const results: unknown[] = []
  await answerAll(calculator, questions, {
    show: ({ evaluation }) => void results.push('result' in evaluation && evaluation.result),
    refuse: () => undefined,
  })
  expect(results).toEqual(questions.map((_, i) => String(i * 2)))
})

test('an expression that does not fit is refused, and those around it are answered', async () => {
  const calculator = await connectCalculator(await startServer())
  const seen: string[] = []
  const questions = ['1', '2'.repeat(70_000), '3'].map((expression, i) => ({ expression, line: i + 1 }))
  await answerAll(calculator, questions, {
    show: ({ line, evaluation }) => void seen.push(`${line}: ${'result' in evaluation && evaluation.result}`),
    refuse: ({ code }, { line }) => void seen.push(`${line}: ${code}`),
  })
  expect(seen.sort()).toEqual(['1: 1', '2: too-large', '3: 3'])
})

test('no more is asked than a window, until answers are taken', async () => {
  let asked = 0
  const windowAsked = deferred()
  const server = await scripted(async peer => {
    for (let next = await peer.receive(); next?.type === EVALUATE.type; next = await peer.receive()) {
      peer.send([RESULT.type, { id: asked, result: '1' }])
      asked += 1
      if (asked === 1_024) windowAsked.resolve()
    }
    peer.send([GOODBYE.type, ''])
  })
  const calculator = await connectCalculator(server)
  let room = 0
  async function asking() {
    for (; room < 3_000; room += 1) await calculator.ask('1')
    await calculator.close()
  }
  const done = asking()
  await windowAsked.promise
  while (room < 1_024) await nextTurn()
  await nextTurn()
  expect(room).toBe(1_024)
  expect(asked).toBeLessThanOrEqual(1_024)
  let taken = 0
  while ((await calculator.answer()) !== null) taken += 1
  await done
  expect(taken).toBe(3_000)
})

test.each([
  ['another number', [frame(RESULT.type, { id: 5, result: '1' })], 'unexpected-message'],
  [
    'a second answer',
    [frame(RESULT.type, { id: 0, result: '1' }), frame(RESULT.type, { id: 0, result: '1' })],
    'unexpected-message',
  ],
  ['what is no number', [frame(RESULT.type, { id: 0, result: '\u001b[31m' })], 'bad-message'],
  ['a question', [frame(EVALUATE.type, { id: 0, expression: '1' })], 'unexpected-message'],
  ['a type that nobody knows', [frame(0x77, '')], 'unknown-type'],
  ['a huge answer', [frame(RESULT.type, { id: 0, result: '1'.repeat(70_000) })], 'too-large'],
  ['an error', [frame(ERROR, { code: 'too-many', message: 'full' })], 'too-many'],
  ['an error that is not for it to find', [frame(ERROR, { code: 'key-changed', message: '?' })], 'unexpected-message'],
  ['a goodbye', [frame(GOODBYE.type, '')], 'closed'],
])('a server that answers with %s', async (_, frames, code) => {
  const server = await scripted(async peer => {
    await peer.receive()
    peer.write(Buffer.concat(frames))
  })
  const calculator = await connectCalculator(server)
  await calculator.ask('1')
  const answers = async () => {
    for (;;) await calculator.answer()
  }
  expect(await failure(answers())).toBe(code)
  // Failure sticks.
  expect(await failure(calculator.answer())).toBe(code)
  expect(await failure(calculator.ask('1'))).toBe(code)
})

test.each([
  ['ends the connection', (peer: RawPeer) => void peer.socket.end()],
  ['breaks it off', (peer: RawPeer) => void peer.socket.destroy()],
  [
    'breaks it off in the middle of an answer',
    (peer: RawPeer) => void peer.socket.end(Uint8Array.of(0, 0, 0, 9, RESULT.type)),
  ],
])('a server that %s without a goodbye was cut', async (_, leave) => {
  const server = await scripted(async peer => {
    await peer.receive()
    peer.send([RESULT.type, { id: 0, result: '1' }])
    await peer.receive()
    leave(peer)
  })
  const calculator = await connectCalculator(server)
  expect(await ask(calculator, '1')).toMatchObject({ evaluation: { result: '1' } })
  await calculator.ask('2')
  expect(await failure(calculator.answer())).toBe('cut')
})

test('who waits for room hears that the connection is lost', async () => {
  const server = await scripted(peer => void peer.socket.end())
  const calculator = await connectCalculator(server)
  const asking = async () => {
    for (;;) await calculator.ask('1')
  }
  expect(await Promise.all([failure(asking()), failure(calculator.answer())])).toEqual(['cut', 'cut'])
})

test('an answer has a deadline; a question that nobody asked has none', async () => {
  const silent = await scripted(() => undefined)
  const calculator = await connectCalculator(silent, 50)
  const pass = fakeClock()
  const waiting = failure(calculator.answer())
  await pass(150)
  await calculator.ask('1')
  await pass(50)
  expect(await waiting).toBe('timeout')
})

test('a goodbye has a deadline', async () => {
  const calculator = await connectCalculator(await scripted(() => undefined), 50)
  await calculator.close()
  expect(await failure(calculator.answer())).toBe('timeout')
})

test('who takes its answers slowly loses none', async () => {
  const calculator = await connectCalculator(await startServer(), 50)
  const pass = fakeClock()
  await calculator.ask('1')
  await calculator.ask('2')
  await pass(150)
  expect(await calculator.answer()).toMatchObject({ evaluation: { result: '1' } })
  await pass(150)
  expect(await calculator.answer()).toMatchObject({ evaluation: { result: '2' } })
})

test.each([
  ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'wrong-protocol'],
  ['a directory', frame(HELLO.type, 'P2PC{"protocol":"directory/1"}'), 'wrong-protocol'],
  ['a calculator of the future', frame(HELLO.type, 'P2PC{"protocol":"calc/2"}'), 'wrong-version'],
])('%s is not taken for our calculator', async (_, bytes, code) => {
  const server = await rawServer(peer => peer.write(bytes))
  expect(await failure(connectCalculator(server))).toBe(code)
})

test('nothing listens there', async () => {
  const server = await startCalculator({ host: '127.0.0.1', port: 0 })
  await server.stop()
  expect(await failure(connectCalculator(server))).toBe('unreachable')
})
