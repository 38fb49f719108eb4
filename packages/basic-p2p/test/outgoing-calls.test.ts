import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Connection } from '../src/chat/establish.ts'
import { outgoingCalls } from '../src/chat/outgoing-calls.ts'
import { channelPair } from '../../core/test/support/channel-pair.ts'

const FULL = new ChatError('too-many', 'no place')

const bob: Learnt = {
  protocol: 'peer-dh/1',
  peer: 'bob',
  confidential: true,
  integrity: false,
  identity: 'known',
  fingerprint: 'of bob',
  safetyNumber: null,
  precedes: false,
  notices: [],
  remember: () => Promise.resolve(),
  opened: () => Promise.resolve(),
  verify: () => Promise.resolve(),
}
const stranger: Learnt = { ...bob, identity: 'new', fingerprint: 'of mallory' }

/** A promise and what settles it. */
function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: ChatError) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** Alice calls bob; dials and calls end when the test says so, and pauses when it lets time pass. */
function callBob() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const dials: ReturnType<typeof deferred<Connection>>[] = []
  const calls: ReturnType<typeof deferred<void>>[] = []
  const told: string[] = []
  const outgoing = outgoingCalls({
    connect(_, again) {
      expect(again).toBe(dials.length > 0)
      const dial = deferred<Connection>()
      dials.push(dial)
      return dial.promise
    },
    converse() {
      const call = deferred<void>()
      calls.push(call)
      return call.promise
    },
    onFull: (_, { code }) => told.push(`full ${code}`),
    onFailure: (_, error) => told.push(`failed ${error?.code}`),
  })
  const outcome = outgoing.place('bob')
  return {
    ...outgoing,
    outcome,
    dials,
    calls,
    told,
    answer: () => dials.at(-1)?.resolve({ channel: channelPair()[0], learnt: bob }),
    async pass(milliseconds: number) {
      await vi.advanceTimersByTimeAsync(milliseconds)
      await nextTurn()
    },
  }
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown> | null): Promise<boolean> {
  let settled = false
  void promise?.then(() => (settled = true))
  await nextTurn()
  return settled
}

test('while we dial, a stranger in that name waits for the end of this dial and no longer', async () => {
  const { dialling, dials, pass } = callBob()
  await nextTurn()
  const first = dialling('bob')
  expect(await isSettled(first)).toBe(false)
  dials[0]?.reject(FULL)
  expect(await isSettled(first)).toBe(true)
  // Now nothing of ours is under way, so the stranger is heard like any other.
  expect(dialling('bob')).toBeNull()
  await pass(1_000)
  expect(dials).toHaveLength(2)
  expect(await isSettled(dialling('bob'))).toBe(false)
})

test('a call that is refused after it was placed is dialled again, and nobody waits for the dial before', async () => {
  const { answer, calls, dialling, dials, pass, told, outcome } = callBob()
  await nextTurn()
  answer()
  await nextTurn()
  expect(dialling('bob')).toBeNull()
  calls[0]?.reject(FULL)
  await nextTurn()
  expect(told).toEqual(['full too-many'])
  await pass(1_000)
  expect(dials).toHaveLength(2)
  expect(await isSettled(dialling('bob'))).toBe(false)
  answer()
  await nextTurn()
  calls[1]?.resolve()
  expect(await outcome).toBe(true)
  expect(told).toEqual(['full too-many'])
})

test('a peer that has no place for our call and calls us itself gets through', async () => {
  const { dials, meet, opened, outcome, pass } = callBob()
  await nextTurn()
  dials[0]?.reject(FULL)
  await nextTurn()
  expect(meet('bob', stranger)).toBeNull()
  expect(meet('bob', { ...bob, precedes: true })).toBe('theirs')
  await pass(1_000)
  expect(dials).toHaveLength(1)
  opened('bob')
  expect(await outcome).toBe(true)
})

test('patience ends with the failure that it was', async () => {
  const { dials, outcome, pass, told, dialling } = callBob()
  let settled = false
  void outcome.then(() => (settled = true))
  for (let i = 0; !settled; i++) {
    await nextTurn()
    dials[i]?.reject(FULL)
    await pass(1_000)
  }
  expect(await outcome).toBe(false)
  expect(told).toEqual(['full too-many', 'failed too-many'])
  expect(dialling('bob')).toBeNull()
})
