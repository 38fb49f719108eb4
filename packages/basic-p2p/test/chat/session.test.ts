import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { errorMessage, readError } from '@p2p-secure-chat/core/wire/error-message'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { withGoodbye } from '@p2p-secure-chat/core/wire/goodbye'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { ERROR, GOODBYE, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { describe, expect, test, vi } from 'vitest'
import { channelPair } from '../../../core/test/support/channel-pair.ts'
import { turnsDuring, work } from '../../../core/test/support/turns.ts'
import { sharesNames } from '../../src/chat/conversation.ts'
import { Outbox } from '../../src/chat/outbox.ts'
import { Session, type SessionOwner, type SessionState } from '../../src/chat/session.ts'
import { securityOf } from '../support/peer-security.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { ACCEPT, type AcceptMessage, CALL, DECLINE, NAME, RECEIPT, TEXT } from '../../src/messages/conversation.ts'
import { FILE_OFFER } from '../../src/messages/files.ts'

const OURS = '0123456789abcdef'.repeat(2)
const THEIRS = 'fedcba9876543210'.repeat(2)
/** Another id, but texts have their names from the first half of it. */
const namesake = OURS.slice(0, 16) + THEIRS.slice(16)
const call = jsonMessage(CALL.type, { conversation: THEIRS })
const accept = jsonMessage(ACCEPT.type, { conversation: THEIRS })
const decline = (code: string) => jsonMessage(DECLINE.type, { code })
const goodbye: Message = { type: GOODBYE.type, body: new Uint8Array(0) }

/** What was said in a conversation before it broke: how many of our texts the peer acknowledged, and how many of its own we have. */
interface Broken {
  readonly ours: readonly string[]
  readonly acknowledged: bigint
  readonly received: bigint
}

interface Stage {
  readonly session: Session
  /** Takes the call. */
  accept(): void
  readonly outbox: Outbox
  /** The peer's end, without any manners. */
  readonly peer: Channel
  /** Ends our channel. */
  fail(code: ErrorCode): void
  /** What the session told its owner. */
  readonly told: string[]
  /** Sends as the peer, and lets the session act on it. */
  hear(...messages: Message[]): Promise<void>
  /** Types that the peer received, in order. */
  readonly heard: Message[]
}

const security = securityOf('bob')

/** An outbox with a past. */
async function outboxOf(broken: Broken | undefined, told: string[], handOver: (text: string) => Promise<void>) {
  let past = true
  const outbox = new Outbox(OURS, THEIRS, {
    async text(id, text) {
      if (past) return
      told.push(`text ${id} ${text}`)
      await handOver(text)
    },
    delivered: id => void (past || told.push(`delivered ${id}`)),
  })
  if (broken !== undefined) {
    const gone = { carries: true, send: () => Promise.resolve(), abort: () => {}, giveUp: () => {}, timeOut: () => {} }
    outbox.connect(gone)
    for (const text of broken.ours) outbox.say(text)
    await nextTurn()
    await outbox.take(RECEIPT.message({ id: broken.acknowledged }))
    for (let id = 1n; id <= broken.received; id++) await outbox.take(TEXT.message({ id, text: 'x' }))
    outbox.disconnect()
  }
  past = false
  return outbox
}

/** A session with a peer that the test plays. `handOver` lets texts wait for their user, and is told of files too. */
async function stage(
  role: Role,
  handOver: (text: string) => Promise<void> = () => Promise.resolve(),
  broken?: Broken,
): Promise<Stage> {
  const [ours, peer] = channelPair()
  const told: string[] = []
  const heard: Message[] = []
  const outbox = await outboxOf(broken, told, handOver)

  function open({ conversation: theirs, received }: AcceptMessage): void {
    if (sharesNames(theirs, OURS)) throw new ChatError('bad-message', 'the peer has taken our conversation id')
    if (broken !== undefined && (theirs !== THEIRS || received === undefined)) {
      throw new ChatError('bad-message', 'the peer goes on with another conversation')
    }
    outbox.connect(session, received)
    told.push('opened')
    outbox.pass()
  }

  const owner: SessionOwner = {
    called: () => told.push('ringing'),
    opened: (_, answer) => open(answer),
    take(_, message) {
      if (message.type === TEXT.type || message.type === RECEIPT.type) return outbox.take(message)
      told.push('file')
      void handOver('')
    },
    saidGoodbye: () => undefined,
    handedOver: () => outbox.handedOver(),
    finish: () => outbox.finish(),
    closed(_, error) {
      outbox.end()
      told.push(`closed ${error?.code ?? null}`)
    },
    lost(_, error) {
      outbox.disconnect()
      told.push(`lost ${error.code}`)
    },
  }
  const fresh = { conversation: OURS }
  const resume = broken && { conversation: THEIRS, received: outbox.report() }
  const placed = role === 'initiator' ? { ...fresh, resume } : null
  const session: Session = new Session({ channel: withGoodbye(ours), security }, owner, placed)
  async function listen(): Promise<void> {
    for (let message = await peer.receive(); message !== null; message = await peer.receive()) heard.push(message)
  }
  listen().catch(() => undefined)
  await nextTurn()
  return {
    session,
    accept() {
      session.accept(fresh)
      open({ conversation: THEIRS })
    },
    outbox,
    peer,
    fail: code => ours.abort(new ChatError(code, 'it failed')),
    told,
    heard,
    async hear(...messages) {
      for (const message of messages) await peer.send(message)
      await nextTurn()
      await nextTurn()
    },
  }
}

/** Brings a session into a state, the way it gets there. */
async function reach(state: SessionState): Promise<Stage> {
  const role = state === 'calling' || state === 'hung-up' ? 'initiator' : 'responder'
  const present = await stage(role)
  if (role === 'responder' && state !== 'connected') await present.hear(call)
  if (state === 'open' || state === 'leaving') present.accept()
  if (state === 'leaving' || state === 'hung-up') void present.session.leave()
  await nextTurn()
  expect(present.session.state).toBe(state)
  present.told.splice(0)
  present.heard.splice(0)
  return present
}

const frames = (messages: readonly Message[]) => messages.map(message => Buffer.from(encodeFrame(message)).toString())
const types = ({ heard }: Stage) => heard.map(message => message.type)
const lastError = ({ heard }: Stage) => {
  const message = heard.find(({ type }) => type === ERROR.type)
  return message === undefined ? null : readError(message.body).error.code
}

test('a call is placed at once, taken, talked in, and ended by both goodbyes', async () => {
  const alice = await stage('initiator')
  expect(types(alice)).toEqual([CALL.type])
  await alice.hear(accept, TEXT.message({ id: 1n, text: 'hello' }))
  await nextTurn()
  alice.outbox.say('how are you?')
  await nextTurn()
  await alice.hear(RECEIPT.message({ id: 1n }), goodbye)
  await nextTurn()
  expect(types(alice)).toEqual([CALL.type, RECEIPT.type, TEXT.type, GOODBYE.type])
  expect(alice.told).toEqual(['opened', 'text fedcba9876543210-1 hello', 'delivered 0123456789abcdef-1', 'closed null'])
})

const EVERYTHING: readonly (readonly [string, Message])[] = [
  ['CALL', call],
  ['ACCEPT', accept],
  ['DECLINE', decline('declined')],
  ['TEXT', TEXT.message({ id: 1n, text: 'hello' })],
  ['RECEIPT', RECEIPT.message({ id: 0n })],
  ['FILE_OFFER', { type: FILE_OFFER.type, body: new Uint8Array(0) }],
  ['HELLO', { type: HELLO.type, body: new Uint8Array(0) }],
  ['NAME', jsonMessage(NAME.type, { name: 'bob' })],
]

/** What may come in each state; everything else is unexpected. `ignored` means that nothing is said about it. */
const EXPECTED: readonly (readonly [SessionState, Readonly<Record<string, string>>])[] = [
  ['connected', { CALL: 'ringing' }],
  ['calling', { ACCEPT: 'opened', DECLINE: 'closed declined' }],
  ['ringing', {}],
  ['open', { TEXT: 'text fedcba9876543210-1 hello', RECEIPT: 'closed bad-message', FILE_OFFER: 'file' }],
  ['leaving', { TEXT: 'text fedcba9876543210-1 hello', RECEIPT: 'closed bad-message', FILE_OFFER: 'ignored' }],
  ['hung-up', Object.fromEntries(EVERYTHING.map(([name]) => [name, 'ignored']))],
]

const MATRIX = EXPECTED.flatMap(([state, expected]) =>
  EVERYTHING.map(([name, message]) => [name, state, expected[name] ?? 'closed unexpected-message', message] as const),
)

test.each(MATRIX)('%s while %s: %s', async (_name, state, outcome, message) => {
  const present = await reach(state)
  await present.hear(message)
  await nextTurn()
  expect(present.told).toEqual(outcome === 'ignored' ? [] : [outcome])
  const [, breach = null] = /^closed (unexpected-message|bad-message)$/.exec(outcome) ?? []
  // After our goodbye there is nothing more to say.
  if (state !== 'leaving') expect(lastError(present)).toBe(breach)
})

test.each([
  ['connected', 'closed null'],
  ['calling', 'closed declined'],
  ['ringing', 'closed null'],
  ['open', 'closed null'],
  ['leaving', 'closed null'],
  ['hung-up', 'closed null'],
] as const)('a goodbye while %s: %s', async (state, outcome) => {
  const present = await reach(state)
  await present.hear(goodbye)
  await nextTurn()
  expect(present.told).toEqual([outcome])
  if (state !== 'leaving' && state !== 'hung-up') expect(types(present)).toEqual([GOODBYE.type])
})

test.each(['connected', 'calling', 'ringing', 'open', 'leaving', 'hung-up'] as const)(
  'a connection that is cut while %s',
  async state => {
    const present = await reach(state)
    await present.peer.close()
    await nextTurn()
    expect(present.told).toEqual([state === 'open' ? 'lost cut' : 'closed cut'])
  },
)

test.each(['connected', 'calling', 'ringing', 'open', 'leaving'] as const)(
  'an ERROR while %s is what ended it, and is not answered with another',
  async state => {
    const present = await reach(state)
    await present.hear(errorMessage(new ChatError('too-many', 'enough')))
    await nextTurn()
    expect(present.told).toEqual(['closed too-many'])
    expect(lastError(present)).toBeNull()
  },
)

test.each([
  ['a CALL without an id', 'connected', jsonMessage(CALL.type, {})],
  ['a CALL with a short id', 'connected', jsonMessage(CALL.type, { conversation: 'abc' })],
  [
    "an ACCEPT that gives the peer's texts the names of ours",
    'calling',
    jsonMessage(ACCEPT.type, { conversation: namesake }),
  ],
  ['an ACCEPT that is no JSON', 'calling', { type: ACCEPT.type, body: Buffer.from('{') }],
  ['a DECLINE for no known reason', 'calling', decline('because')],
  ['a TEXT out of order', 'open', TEXT.message({ id: 2n, text: 'hello' })],
  ['a TEXT without its id', 'open', { type: TEXT.type, body: new Uint8Array(3) }],
  ['a TEXT that is no UTF-8', 'open', { type: TEXT.type, body: Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 1, 0xc3]) }],
  ['a RECEIPT for what was never sent', 'open', RECEIPT.message({ id: 1n })],
  ['a RECEIPT of 9 bytes', 'open', { type: RECEIPT.type, body: new Uint8Array(9) }],
] as const)('%s is bad-message', async (_, state, message) => {
  const present = await reach(state)
  await present.hear(message)
  await nextTurn()
  expect(present.told).toEqual(['closed bad-message'])
  expect(lastError(present)).toBe('bad-message')
})

test.each(['declined', 'busy', 'crossed'] as const)('a call can be declined as %s', async code => {
  const caller = await reach('calling')
  await caller.hear(decline(code))
  expect(caller.told).toEqual([`closed ${code}`])

  const callee = await reach('ringing')
  callee.session.decline(code)
  await nextTurn()
  expect(frames(callee.heard)).toEqual(frames([decline(code), goodbye]))
  await callee.hear(goodbye)
  await nextTurn()
  expect(callee.told).toEqual([`closed ${code}`])
})

test('a text is acknowledged when its user has it, not when it arrives', async () => {
  const handedOver: (() => void)[] = []
  const bob = await stage('responder', () => new Promise(resolve => handedOver.push(resolve)))
  await bob.hear(call)
  bob.accept()
  await bob.hear(TEXT.message({ id: 1n, text: 'one' }), TEXT.message({ id: 2n, text: 'two' }))
  expect(types(bob)).toEqual([ACCEPT.type])
  handedOver.shift()?.()
  await nextTurn()
  await nextTurn()
  expect(frames(bob.heard).at(-1)).toEqual(frames([RECEIPT.message({ id: 1n })])[0])
  handedOver.shift()?.()
  await nextTurn()
  await nextTurn()
  expect(frames(bob.heard).at(-1)).toEqual(frames([RECEIPT.message({ id: 2n })])[0])
})

test('texts that come together are acknowledged together', async () => {
  const bob = await reach('open')
  await bob.hear(...[1n, 2n, 3n, 4n].map(id => TEXT.message({ id, text: 'x' })))
  expect(bob.heard.filter(({ type }) => type === RECEIPT.type).length).toBeLessThan(4)
  expect(frames(bob.heard).at(-1)).toEqual(frames([RECEIPT.message({ id: 4n })])[0])
})

test.each([
  ['texts', (id: bigint) => TEXT.message({ id, text: 'x' })],
  ['offers of files', () => ({ type: FILE_OFFER.type, body: new Uint8Array(0) })],
])('many %s at once leave turns to others', async (_, message) => {
  const MANY = 200
  let left = MANY
  let onLast = () => {}
  const last = new Promise<void>(resolve => (onLast = resolve))
  const bob = await stage('responder', async () => {
    work()
    left -= 1
    if (left === 0) onLast()
  })
  await bob.hear(call)
  bob.accept()
  for (let id = 1n; id <= MANY; id++) void bob.peer.send(message(id))
  expect(await turnsDuring(last)).toBeGreaterThan(5)
})

test('what was handed over before our goodbye is acknowledged before it', async () => {
  const bob = await reach('open')
  await bob.peer.send(TEXT.message({ id: 1n, text: 'x' }))
  await bob.peer.send(goodbye)
  await nextTurn()
  await nextTurn()
  expect(frames(bob.heard)).toEqual(frames([RECEIPT.message({ id: 1n }), goodbye]))
})

test('a user who is gone gets no receipt, and the peer a goodbye', async () => {
  const bob = await stage('responder', () => Promise.reject(new ChatError('unwritable', 'nobody reads')))
  await bob.hear(call)
  bob.accept()
  await bob.hear(TEXT.message({ id: 1n, text: 'x' }))
  expect(types(bob)).toEqual([ACCEPT.type, GOODBYE.type])
  await bob.hear(GOODBYE.message({}))
  expect(bob.told.at(-1)).toBe('closed unwritable')
})

test('the largest text passes, one byte more does not', async () => {
  const bob = await reach('open')
  bob.outbox.say('x'.repeat(16_384))
  expect(() => bob.outbox.say('é'.repeat(8_192) + 'x')).toThrow(expect.objectContaining({ code: 'too-large' }))
  await nextTurn()
  expect(bob.heard.map(({ body }) => body.length)).toEqual([16_392])
  expect(bob.outbox.unacknowledged).toBe(1)
})

test.each(['connected', 'calling', 'open', 'leaving', 'hung-up'] as const)(
  'nobody can answer while %s',
  async state => {
    const { session } = await reach(state)
    expect(() => session.accept({ conversation: OURS })).toThrow(expect.objectContaining({ code: 'no-conversation' }))
    expect(() => session.decline('declined')).toThrow(expect.objectContaining({ code: 'no-conversation' }))
  },
)

test('settled() waits for the last receipt, and no longer than the conversation', async () => {
  const bob = await reach('open')
  const settled = { count: 0 }
  const note = () => void settled.count++
  await bob.outbox.settled().then(note)
  bob.outbox.say('one')
  bob.outbox.say('two')
  void bob.outbox.settled().then(note)
  await bob.hear(RECEIPT.message({ id: 1n }))
  expect(settled.count).toBe(1)
  await bob.hear(RECEIPT.message({ id: 2n }))
  expect(settled.count).toBe(2)
  bob.outbox.say('three')
  void bob.outbox.settled().then(note)
  await bob.peer.close()
  await nextTurn()
  expect(settled.count).toBe(3)
  expect(bob.outbox.unacknowledged).toBe(1)
})

test('leave() says goodbye, takes what is on its way, and waits for the peer', async () => {
  const bob = await reach('open')
  bob.outbox.say('see you')
  let left = false
  void bob.session.leave().then(() => (left = true))
  await bob.hear(TEXT.message({ id: 1n, text: 'wait' }), RECEIPT.message({ id: 1n }))
  expect(left).toBe(false)
  expect(types(bob)).toEqual([TEXT.type, GOODBYE.type])
  await bob.hear(goodbye)
  await nextTurn()
  expect(left).toBe(true)
  expect(bob.told).toEqual(['text fedcba9876543210-1 wait', 'delivered 0123456789abcdef-1', 'closed null'])
  expect(bob.outbox.unacknowledged).toBe(0)
})

test('a call that nobody answers rings out after 60 seconds, on both sides', async () => {
  const pass = fakeClock()
  const caller = await reach('calling')
  const callee = await reach('ringing')
  await pass(59_999)
  expect([caller.heard, callee.heard]).toEqual([[], []])
  await pass(1)
  expect(types(caller)).toEqual([GOODBYE.type])
  expect(frames(callee.heard)).toEqual(frames([decline('declined'), goodbye]))
  await caller.hear(goodbye)
  await callee.hear(goodbye)
  await nextTurn()
  expect(caller.told).toEqual(['closed no-answer'])
  expect(callee.told).toEqual(['closed no-answer'])
})

test('a call that was answered while this process was suspended is taken', async () => {
  fakeClock()
  const caller = await reach('calling')
  const callee = await reach('ringing')
  vi.runOnlyPendingTimers()
  callee.accept()
  await caller.hear(accept)
  expect([caller.told, callee.told]).toEqual([['opened'], ['opened']])
})

test('an answer that crosses the end of ringing comes too late', async () => {
  const pass = fakeClock()
  const caller = await reach('calling')
  await pass(60_000)
  await caller.hear(accept, TEXT.message({ id: 1n, text: 'hello?' }), goodbye)
  await nextTurn()
  expect(caller.told).toEqual(['closed no-answer'])
})

test('who connects and does not call is timeout after 5 seconds', async () => {
  const pass = fakeClock()
  const bob = await reach('connected')
  await pass(5_000)
  expect(bob.told).toEqual(['closed timeout'])
  expect(lastError(bob)).toBe('timeout')
})

test('what a peer says after our goodbye is shown, but it can not hold us for longer than 10 seconds', async () => {
  const pass = fakeClock()
  const bob = await reach('leaving')
  await pass(6_000)
  await bob.hear(TEXT.message({ id: 1n, text: 'wait' }))
  await pass(3_000)
  expect(bob.told).toEqual(['text fedcba9876543210-1 wait'])
  await pass(1_000)
  expect(bob.told.at(-1)).toBe('closed timeout')
})

/** A conversation in which the peer's three texts were handed over, and the first two of our own three acknowledged. */
const broken: Broken = { ours: ['one', 'two', 'three'], acknowledged: 2n, received: 3n }

test.each([
  ['cut', 'lost cut'],
  ['timeout', 'lost timeout'],
  ['session-limit', 'lost session-limit'],
  ['bad-record', 'closed bad-record'],
  ['bad-frame', 'closed bad-frame'],
] as const)('a channel that fails with %s: %s', async (code, told) => {
  const present = await reach('open')
  present.fail(code)
  await nextTurn()
  expect(present.told).toEqual([told])
})

describe('a conversation that goes on in another connection', () => {
  const acceptOf = (fields: object): Message => jsonMessage(ACCEPT.type, { conversation: THEIRS, ...fields })

  test('the call says which one, and the latest text that arrived', async () => {
    const alice = await stage('initiator', undefined, broken)
    expect(alice.heard.map(({ body }) => JSON.parse(Buffer.from(body).toString()))).toEqual([
      { conversation: OURS, resume: { conversation: THEIRS, received: '3' } },
    ])
  })

  test.each([
    ['2', ['three'], ['opened']],
    ['3', [], ['delivered 0123456789abcdef-3', 'opened']],
  ] as const)('a peer that has %s texts of ours gets the others again', async (received, again, told) => {
    const alice = await stage('initiator', undefined, broken)
    await alice.hear(acceptOf({ received }))
    alice.outbox.say('four')
    await nextTurn()
    const texts = alice.heard.filter(({ type }) => type === TEXT.type).map(({ body }) => TEXT.read(body))
    expect(texts.map(({ id, text }) => [id, text])).toEqual(
      [...again, 'four'].map((text, index) => [BigInt(received) + BigInt(index) + 1n, text]),
    )
    expect(alice.told).toEqual(told)
  })

  test('the peer counts on, too', async () => {
    const alice = await stage('initiator', undefined, broken)
    await alice.hear(acceptOf({ received: '3' }), TEXT.message({ id: 4n, text: 'hello' }))
    await nextTurn()
    expect(alice.told.at(-1)).toBe('text fedcba9876543210-4 hello')
    expect(alice.heard.at(-1)).toEqual(RECEIPT.message({ id: 4n }))
  })

  test.each([
    ['nothing of what arrived', {}],
    ['another conversation', { conversation: '1'.repeat(32), received: '3' }],
    ['less than was acknowledged', { received: '1' }],
    ['more than was sent', { received: '4' }],
    ['a number that is none', { received: '-1' }],
    ['a number with zeros in front', { received: '03' }],
  ])('an ACCEPT that names %s ends it', async (_, fields) => {
    const alice = await stage('initiator', undefined, broken)
    await alice.hear(acceptOf(fields))
    await nextTurn()
    expect(alice.told).toEqual(['closed bad-message'])
  })

  test('a peer that does not answer in ten seconds is given up: nobody there has to decide anything', async () => {
    const pass = fakeClock()
    const alice = await stage('initiator', undefined, broken)
    await pass(9_999)
    expect(alice.told).toEqual([])
    await pass(1)
    await nextTurn()
    expect(alice.told).toEqual(['closed timeout'])
    expect(lastError(alice)).toBe('timeout')
  })
})
