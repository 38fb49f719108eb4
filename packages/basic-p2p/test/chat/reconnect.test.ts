import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { expect, test, vi } from 'vitest'
import { type Reconnect, reconnect } from '../../src/chat/reconnect.ts'
import { fakeClock } from '../support/fake-clock.ts'

/** What an attempt comes to: it may go on, the peer has ended it, or why the peer was not reached. */
type Outcome = boolean | ChatError

const refused = new ChatError('unreachable', 'refused', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) })
const noRoute = new ChatError('unreachable', 'no way', { cause: Object.assign(new Error(), { code: 'EHOSTUNREACH' }) })

/** An interrupted conversation whose attempts come out as `outcome` says. */
function scene(outcome: (count: number) => Outcome, lost: ErrorCode = 'cut', headStart = 0) {
  const pass = fakeClock()
  const begun = performance.now()
  /** When attempts were made, in milliseconds. */
  const attempts: number[] = []
  const givenUp: ErrorCode[] = []
  const present: Reconnect = reconnect(new ChatError(lost, 'gone'), {
    headStart,
    async attempt() {
      attempts.push(performance.now() - begun)
      const result = outcome(attempts.length)
      if (result instanceof ChatError) throw result
      if (result) present.end()
      return result
    },
    onGivenUp: error => givenUp.push(error.code),
  })
  return { pass, attempts, givenUp, present }
}

test('the first attempt is made at once, the next ones after longer and longer pauses', async () => {
  const { pass, attempts } = scene(() => noRoute)
  await pass(32_000)
  expect(attempts).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 15_750, 23_750, 31_750])
})

test('who was called lets the caller go first', async () => {
  const { pass, attempts } = scene(() => noRoute, 'cut', 500)
  await pass(499)
  expect(attempts).toEqual([])
  await pass(1)
  expect(attempts).toEqual([500])
})

test('a network that is away for two minutes is waited for, and no longer', async () => {
  const { pass, givenUp } = scene(() => noRoute)
  await pass(119_000)
  expect(givenUp).toEqual([])
  await pass(10_000)
  expect(givenUp).toEqual(['cut'])
})

test('a peer whose program does not run any more is waited for three seconds', async () => {
  const { pass, attempts, givenUp } = scene(() => refused)
  await pass(3_749)
  expect(givenUp).toEqual([])
  await pass(1)
  expect([givenUp, attempts.length]).toEqual([['cut'], 5])
})

test('time in which this process does not run does not count', async () => {
  const { pass, givenUp } = scene(() => refused)
  await pass(2_000)
  // When it goes on, each timer that there is has fired.
  vi.runOnlyPendingTimers()
  await pass(0)
  expect(givenUp).toEqual([])
  await pass(9_000)
  expect(givenUp).toEqual(['cut'])
})

test('after silence it is the network that is away, so nobody gives up that soon', async () => {
  const { pass, givenUp } = scene(() => refused, 'timeout')
  await pass(100_000)
  expect(givenUp).toEqual([])
  await pass(30_000)
  expect(givenUp).toEqual(['timeout'])
})

test('a peer whose machine answers only now and then is not taken for gone', async () => {
  const { pass, givenUp } = scene(count => (count % 2 === 0 ? noRoute : refused))
  await pass(60_000)
  expect(givenUp).toEqual([])
})

test('what security refuses, and what the peer has ended, is given up at once', async () => {
  const changed = scene(() => new ChatError('key-changed', 'another key'))
  await changed.pass(0)
  expect(changed.givenUp).toEqual(['key-changed'])
  await changed.pass(130_000)
  expect(changed.attempts).toHaveLength(1)
  const ended = scene(() => false)
  await ended.pass(0)
  expect(ended.givenUp).toEqual(['cut'])
})

test('once it has another connection, or was left, nothing more is attempted', async () => {
  const { pass, attempts, givenUp, present } = scene(count => count === 3 || noRoute)
  let over = false
  void present.over.then(() => (over = true))
  await pass(200_000)
  expect([attempts.length, givenUp, over]).toEqual([3, [], true])
  const left = scene(() => noRoute)
  await left.pass(0)
  left.present.end()
  await left.pass(200_000)
  expect([left.attempts.length, left.givenUp]).toEqual([1, []])
})

test('a sign of the peer makes the next attempt come at once', async () => {
  const { pass, attempts, present } = scene(() => noRoute)
  await pass(4_000)
  present.hurry()
  await pass(0)
  expect(attempts.at(-1)).toBe(4_000)
})

test('a sign of the peer during an attempt is not forgotten: the next one follows at once', async () => {
  const { pass, attempts, present } = scene(count => {
    if (count === 6) present.hurry()
    return noRoute
  })
  await pass(7_750)
  await pass(0)
  expect(attempts.slice(5)).toEqual([7_750, 7_750])
  await pass(8_000)
  expect(attempts.slice(7)).toEqual([15_750])
})
