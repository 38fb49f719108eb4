import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import { expect, onTestFinished, test, vi } from 'vitest'
import { blockedForNow } from '../../src/chat/blocked-peers.ts'
import type { ChatEvent } from '../../src/chat/chat-event.ts'
import type { PeerConnection } from '../../src/chat/establish.ts'
import { crossing } from '../../src/chat/peer-states.ts'
import { type CalledPeer, OutgoingCall, type Placing } from '../../src/chat/outgoing-call.ts'
import { type PeerEvent, type PeerState, step } from '../../src/chat/peer-states.ts'
import { channelPair } from '../../../core/test/support/channel-pair.ts'
import { securityOf } from '../support/peer-security.ts'

const FULL = new ChatError('too-many', 'no place')

const bob = securityOf('bob', { precedes: false })
const stranger: PeerSecurity = { ...bob, identity: 'new', fingerprint: 'of mallory' }

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
  const dials: ReturnType<typeof deferred<PeerConnection>>[] = []
  const calls: ReturnType<typeof deferred<void>>[] = []
  const told: string[] = []
  let state: PeerState = 'none/dialling'
  const callee: CalledPeer = {
    name: 'bob',
    get state() {
      return state
    },
    ending: null,
    on(event: PeerEvent) {
      state = step(state, event).to
    },
    hold() {
      const call = deferred<void>()
      calls.push(call)
      return { whenOpen: call.promise, hangUp: async () => void told.push('hung up') }
    },
    callFailed: ({ code }) => void told.push(`failed ${code}`),
  }
  const context: Placing = {
    blocked: blockedForNow(),
    reach(_: string, signal: AbortSignal) {
      expect(signal.aborted).toBe(false)
      const dial = deferred<PeerConnection>()
      dials.push(dial)
      return dial.promise
    },
    async tell(event: ChatEvent) {
      if (event.event === 'retry') told.push(`full ${event.code}`)
      if (event.event === 'call') told.push('calling')
    },
  }
  const call = new OutgoingCall(callee, context, undefined)
  return {
    call,
    callee,
    dials,
    calls,
    told,
    answer: () => dials.at(-1)?.resolve({ channel: channelPair()[0], security: bob }),
    /** Whose call goes on if somebody in that name calls now. */
    meet: (caller: PeerSecurity) =>
      crossing(callee.state, {
        isCallee: caller.identity !== 'new' || caller.fingerprint === call.fingerprint,
        wePrecede: caller.precedes,
      }),
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
  const { call, meet, dials, pass } = callBob()
  await nextTurn()
  expect(meet(stranger)).toBe('wait')
  const first = call.watch()
  expect(await isSettled(first)).toBe(false)
  expect(await call.watch()).toBe(false)
  dials[0]?.reject(FULL)
  expect(await first).toBe(true)
  // Now nothing of ours is under way, so the stranger is heard like any other.
  expect(meet(stranger)).toBe('apart')
  await pass(1_000)
  expect(dials).toHaveLength(2)
  expect(meet(stranger)).toBe('wait')
  expect(await isSettled(call.watch())).toBe(false)
})

test('a call that is refused after it was placed is dialled again, and nobody waits for the dial before', async () => {
  const { call, answer, calls, meet, dials, pass, told } = callBob()
  await nextTurn()
  answer()
  await nextTurn()
  expect(meet(stranger)).toBe('ours')
  calls[0]?.reject(FULL)
  await nextTurn()
  expect(told).toEqual(['calling', 'full too-many'])
  await pass(1_000)
  expect(dials).toHaveLength(2)
  expect(await isSettled(call.watch())).toBe(false)
  answer()
  await nextTurn()
  call.opened()
  calls[1]?.resolve()
  expect(await call.outcome).toBe(true)
  expect(told).toEqual(['calling', 'full too-many'])
})

test('a peer that has no place for our call and calls us itself gets through', async () => {
  const { call, callee, dials, meet, pass } = callBob()
  await nextTurn()
  dials[0]?.reject(FULL)
  await nextTurn()
  expect(meet(stranger)).toBe('apart')
  expect(meet({ ...bob, precedes: true })).toBe('theirs')
  callee.on('yields')
  await pass(1_000)
  expect(dials).toHaveLength(1)
  call.opened()
  expect(await call.outcome).toBe(true)
})

test('of a dial that comes to its end after the call was given up nothing is told, and it is the last', async () => {
  const { call, dials, pass, told } = callBob()
  await nextTurn()
  call.hangUp()
  dials[0]?.reject(FULL)
  expect(await call.outcome).toBe(false)
  await pass(10_000)
  expect(dials).toHaveLength(1)
  expect(told).toEqual(['calling'])
})

test('patience ends with the failure that it was', async () => {
  const { call, dials, pass, told, meet } = callBob()
  let settled = false
  void call.outcome.then(() => (settled = true))
  for (let i = 0; !settled; i++) {
    await nextTurn()
    dials[i]?.reject(FULL)
    await pass(1_000)
  }
  expect(await call.outcome).toBe(false)
  expect(told).toEqual(['calling', 'full too-many', 'failed too-many'])
  expect(meet(stranger)).toBe('apart')
})

test.each(['was given up', 'gave way'])(
  'nobody hears that a call is tried again that %s while it was dialled',
  async how => {
    const { call, callee, dials, told } = callBob()
    await nextTurn()
    if (how === 'gave way') callee.on('yields')
    else call.hangUp()
    dials[0]?.reject(FULL)
    await nextTurn()
    expect(told).toEqual(['calling'])
  },
)
