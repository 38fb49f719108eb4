import { randomBytes } from 'node:crypto'
import { ALLOWANCES, PLACES, PLACES_OF_NETWORK } from '@p2p-secure-chat/core/limits/places'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { ERROR, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, test } from 'vitest'
import { CONVERSATIONS } from '../../src/client/peer-listener.ts'
import { happenings } from '../support/events.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { type Person, type PhoneBook, person } from '../support/person.ts'
import { half, impostor, nameMessage, peerHello, type Stranger, stranger, strangeHello } from '../support/stranger.ts'
import { ACCEPT, CALL, DECLINE, NAME, TEXT } from '../../src/messages/conversation.ts'

const seen = (wanted: string) => (told: string) => told === wanted
const header = (length: number, type: number) => Buffer.from([length >>> 24, length >>> 16, length >>> 8, length, type])
const raw = (type: number, body: Uint8Array | string): Message => ({ type, body: Buffer.from(body) })
const conversation = '0'.repeat(32)
const call = jsonMessage(CALL.type, { conversation })

/** Whether a call is taken, or the code of what is said instead. */
async function outcome({ next }: Stranger): Promise<string | null> {
  for (let message = await next(); message !== null; message = await next()) {
    if (message.type === ACCEPT.type) return 'taken'
    if (message.type === ERROR.type) return readError(message.body).error.code
  }
  return null
}

type Attack = (mallory: Stranger) => void

/** What was wrong: the attacker is told the first code, the user the second (or the same). */
const BEFORE_THE_HELLO: readonly [string, string, Attack][] = [
  ['a request of HTTP', 'wrong-protocol', ({ write }) => write('GET / HTTP/1.1\r\nHost: bob\r\n\r\n')],
  ['random bytes', 'wrong-protocol', ({ write }) => write(Buffer.concat([Buffer.from([255]), randomBytes(4096)]))],
  ['a frame of length 0', 'wrong-protocol', ({ write }) => write(header(0, HELLO.type))],
  ['a hello of 4 GiB', 'wrong-protocol', ({ write }) => write(header(0xffff_ffff, HELLO.type))],
  ['an unknown type', 'wrong-protocol', ({ say }) => say(raw(0xee, ''))],
  ['the secure rung', 'wrong-protocol', ({ say }) => say(strangeHello('peer-aes/1'))],
  ['the directory', 'wrong-protocol', ({ say }) => say(strangeHello('directory/1', 'peer-basic/1'))],
  ['another version', 'wrong-version', ({ say }) => say(strangeHello('peer-basic/9'))],
  ['a hello that is no JSON', 'wrong-protocol', ({ say }) => say(raw(HELLO.type, 'P2PC{{'))],
  ['a call first', 'wrong-protocol', ({ say }) => say(call)],
]

const INSTEAD_OF_A_NAME: readonly [string, string, Attack][] = [
  ['a second hello', 'unexpected-message', ({ say }) => say(peerHello)],
  ['a call', 'unexpected-message', ({ say }) => say(call)],
  ['a text', 'unexpected-message', ({ say }) => say(TEXT.message({ id: 1n, text: 'hello' }))],
  ['a name of the wrong shape', 'bad-message', ({ say }) => say(raw(NAME.type, '{"nom":"mallory"}'))],
  ['no JSON', 'bad-message', ({ say }) => say(raw(NAME.type, 'mallory'))],
  ['no UTF-8', 'bad-message', ({ say }) => say(raw(NAME.type, Buffer.from('{"name":"\xff"}', 'latin1')))],
  ['a bad name', 'bad-name', ({ say }) => say(nameMessage('\u001b[2Jbob'))],
  ['an unknown type', 'unknown-type', ({ say }) => say(raw(0x31, '{}'))],
  ['a name of 257 bytes', 'too-large', ({ write }) => write(header(258, NAME.type))],
  ['a frame of length 0', 'bad-frame', ({ write }) => write(header(0, NAME.type))],
]

const IN_THE_CONVERSATION: readonly [string, string, Attack][] = [
  ['a text of 16 KiB and a byte', 'too-large', ({ write }) => write(header(16_394, TEXT.type))],
  [
    'a text that is no UTF-8',
    'bad-message',
    ({ say }) => say(raw(TEXT.type, Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 0x80]))),
  ],
  ['a text out of order', 'bad-message', ({ say }) => say(TEXT.message({ id: 7n, text: 'hello' }))],
  ['a second call', 'unexpected-message', ({ say }) => say(call)],
  ['a second name', 'unexpected-message', ({ say }) => say(nameMessage('bob'))],
  ['an unknown type', 'unknown-type', ({ say }) => say(raw(0x40, 'record'))],
  ['a frame of length 0', 'bad-frame', ({ write }) => write(header(0, TEXT.type))],
]

/** Bob still takes calls. */
async function livesOn(bob: Person, everyone: PhoneBook): Promise<void> {
  const alice = await person('alice', everyone)
  expect(await alice.engine.call('bob')).toBe(true)
  await alice.engine.say('bob', 'all well?')
  await bob.story.next(seen('in alice all well?'))
}

async function victim(): Promise<{ bob: Person; everyone: PhoneBook; mallory: Stranger }> {
  const everyone: PhoneBook = new Map()
  const bob = await person('bob', everyone, { policy: 'all' })
  return { bob, everyone, mallory: await stranger(bob.address) }
}

test.each(BEFORE_THE_HELLO)('%s in place of a hello is %s, on both sides', async (_, code, attack) => {
  const { bob, everyone, mallory } = await victim()
  attack(mallory)
  expect(await mallory.error()).toBe(code)
  await bob.failures.next(seen(code))
  await livesOn(bob, everyone)
})

test.each(INSTEAD_OF_A_NAME)('%s in place of a name is %s, on both sides', async (_, code, attack) => {
  const { bob, everyone, mallory } = await victim()
  mallory.say(peerHello)
  attack(mallory)
  expect(await mallory.error()).toBe(code)
  expect(await mallory.end()).toBe('end')
  await bob.failures.next(seen(code))
  await livesOn(bob, everyone)
})

test.each(IN_THE_CONVERSATION)('%s in the conversation is %s, on both sides', async (_, code, attack) => {
  const { bob, everyone, mallory } = await victim()
  mallory.say(peerHello, nameMessage('mallory'), call)
  await mallory.until(ACCEPT.type)
  attack(mallory)
  expect(await mallory.error()).toBe(code)
  expect(await mallory.end()).toBe('goodbye')
  await bob.story.next(seen(`closed mallory ${code}`))
  await livesOn(bob, everyone)
})

test.each([
  ['the hello', 5_000, [], HELLO.type],
  ['the name', 10_000, [peerHello], NAME.type],
])('silence in place of %s is timeout, on both sides', async (_, deadline, said, until) => {
  const { bob, everyone, mallory } = await victim()
  const pass = fakeClock()
  const deaf = await stranger(bob.address)
  deaf.say(...said)
  await deaf.until(until)
  await pass(deadline)
  expect(await deaf.error()).toBe('timeout')
  await bob.failures.next(seen('timeout'))
  mallory.socket.destroy()
  await livesOn(bob, everyone)
})

test('silence in place of a call ends the connection after 5 seconds, and nobody is told', async () => {
  const pass = fakeClock()
  const { bob, everyone, mallory } = await victim()
  mallory.say(peerHello, nameMessage('mallory'))
  await mallory.until(NAME.type)
  const ended = mallory.end()
  for (let i = 0; i < 20; i++) await pass(500)
  await ended
  expect([bob.story.all, bob.failures.all]).toEqual([[], []])
  await livesOn(bob, everyone)
})

test.each([
  ['hello', [], peerHello],
  ['name', [peerHello], nameMessage('mallory')],
])('a peer that vanishes in the middle of its %s', async (_, said, cut) => {
  const { bob, everyone, mallory } = await victim()
  mallory.say(...said)
  mallory.write(half(cut))
  mallory.socket.end()
  await bob.failures.next(seen('cut'))
  await livesOn(bob, everyone)
})

test.each([
  ['a hello', []],
  ['a name', [peerHello]],
  ['a call', [peerHello, nameMessage('mallory')]],
  ['a text', [peerHello, nameMessage('mallory'), call]],
])('an ERROR in place of %s is not answered with another one', async (_, said) => {
  for (const body of ['{"code":"bad-message","message":"what is that?"}', '{}']) {
    const { mallory } = await victim()
    mallory.say(...said, raw(ERROR.type, body))
    expect(await mallory.error()).toBeNull()
  }
})

test('a peer that vanishes in the middle of a text has cut the conversation', async () => {
  const { bob, everyone, mallory } = await victim()
  mallory.say(peerHello, nameMessage('mallory'), call)
  await mallory.until(ACCEPT.type)
  mallory.write(half(TEXT.message({ id: 1n, text: 'I was about to' })))
  mallory.socket.end()
  await bob.story.next(seen('closed mallory cut'))
  expect(bob.story.all.filter(told => told.startsWith('in '))).toEqual([])
  await livesOn(bob, everyone)
})

/** Connections that say hello and no more, as many as have a place. */
async function silentOnes(bob: Person, count: number, localAddress?: string): Promise<Stranger[]> {
  const all = Array.from({ length: count }, () => stranger(bob.address, localAddress))
  const silent = await Promise.all(all)
  for (const one of silent) {
    one.say(peerHello)
    await one.until(NAME.type)
  }
  return silent
}

test('silent connections of one address have so many places, and others are told so while those are within their second', async () => {
  const { bob, mallory } = await victim()
  fakeClock()
  mallory.socket.destroy()
  await bob.failures.next(seen('cut'))
  await silentOnes(bob, PLACES_OF_NETWORK)
  expect(await (await stranger(bob.address)).error()).toBe('too-many')
  const elsewhere = await stranger(bob.address, '127.0.0.2')
  elsewhere.say(peerHello, nameMessage('carol'), call)
  expect(await outcome(elsewhere)).toBe('taken')
})

test('silent connections of many addresses leave places to a network that was seen before', async () => {
  const { bob, mallory } = await victim()
  fakeClock()
  mallory.say(peerHello, nameMessage('mallory'), call)
  await mallory.until(ACCEPT.type)
  for (const host of ['127.0.0.2', '127.0.0.3', '127.0.0.4']) await silentOnes(bob, PLACES_OF_NETWORK, host)
  expect(await (await stranger(bob.address, '127.0.0.5')).error()).toBe('too-many')
  await silentOnes(bob, PLACES - 3 * PLACES_OF_NETWORK)
})

test('one who is past the second for its name makes room, and hears that', async () => {
  const { bob, everyone, mallory } = await victim()
  const pass = fakeClock()
  mallory.socket.destroy()
  await bob.failures.next(seen('cut'))
  const [oldest, ...others] = await silentOnes(bob, PLACES_OF_NETWORK)
  await pass(ALLOWANCES.offer)
  await livesOn(bob, everyone)
  expect(await oldest?.error()).toBe('too-many')
  // Nobody else had to go, and nobody is told of it.
  for (const [i, { say }] of others.entries()) say(nameMessage(`slow${i}`), call)
  expect(await Promise.all(others.map(outcome))).toEqual(others.map(() => 'taken'))
  expect(bob.failures.all).toEqual(['cut'])
})

test('a caller who finds no place tries again by itself, says so once, and gets through', async () => {
  const { bob, everyone, mallory } = await victim()
  mallory.socket.destroy()
  await bob.failures.next(seen('cut'))
  await silentOnes(bob, PLACES_OF_NETWORK)
  const alice = await person('alice', everyone)
  expect(await alice.engine.call('bob')).toBe(true)
  expect(alice.story.all.slice(0, 2)).toEqual(['outgoing bob', 'retry'])
  expect(alice.story.all.filter(told => told === 'retry')).toHaveLength(1)
})

test('a caller without patience fails at once', async () => {
  const { bob, everyone, mallory } = await victim()
  fakeClock()
  mallory.socket.destroy()
  await bob.failures.next(seen('cut'))
  await silentOnes(bob, PLACES_OF_NETWORK)
  const alice = await person('alice', everyone)
  expect(await alice.engine.call('bob', 0)).toBe(false)
  expect(alice.story.all).toEqual(['outgoing bob', 'closed bob too-many'])
})

test('conversations are limited for each address; the next one is told, and others still get in', async () => {
  const { bob, everyone, mallory } = await victim()
  mallory.socket.destroy()
  const talking: Stranger[] = []
  for (let i = 0; i < CONVERSATIONS.ofNetwork; i++) {
    const caller = await stranger(bob.address, '127.0.0.2')
    caller.say(peerHello, nameMessage(`m${i}`), call)
    await caller.until(ACCEPT.type)
    talking.push(caller)
  }
  expect(await (await stranger(bob.address, '127.0.0.2')).error()).toBe('too-many')
  await livesOn(bob, everyone)
  talking[0]?.socket.destroy()
  await bob.story.next(seen('closed m0 cut'))
  const next = await stranger(bob.address, '127.0.0.2')
  next.say(peerHello, nameMessage('next'), call)
  expect(await outcome(next)).toBe('taken')
})

/** What somebody who is called can answer with. The caller's user is told the code. */
const BAD_ANSWERS: readonly [string, string, (mallory: Stranger) => Promise<void> | void][] = [
  ['garbage', 'wrong-protocol', ({ write }) => write('SSH-2.0-OpenSSH_9.9\r\n')],
  ['the hello of a calculator', 'wrong-protocol', ({ say }) => say(strangeHello('calc/1'))],
  ['another version', 'wrong-version', ({ say }) => say(strangeHello('peer-basic/2'))],
  ['no name', 'unexpected-message', ({ say }) => say(peerHello, call)],
  ['another name', 'wrong-peer', ({ say }) => say(peerHello, nameMessage('mallory'))],
  ['a call', 'unexpected-message', ({ say }) => say(peerHello, nameMessage('bob'), call)],
  [
    'a text',
    'unexpected-message',
    ({ say }) => say(peerHello, nameMessage('bob'), TEXT.message({ id: 1n, text: 'hello' })),
  ],
  [
    'a refusal for no known reason',
    'bad-message',
    ({ say }) => say(peerHello, nameMessage('bob'), jsonMessage(DECLINE.type, { code: 'x' })),
  ],
  ['half a hello', 'cut', ({ write, socket }) => (write(half(peerHello)), void socket.end())],
  ['nothing', 'cut', ({ socket }) => void socket.end()],
  ['a reset', 'cut', async ({ until, socket }) => void (await until(HELLO.type), socket.resetAndDestroy())],
]

test.each(BAD_ANSWERS)('%s as the answer to a call is %s', async (_, code, answer) => {
  const everyone: PhoneBook = new Map()
  const alice = await person('alice', everyone)
  everyone.set(
    'bob',
    await impostor(async mallory => {
      await answer(mallory)
      await mallory.end()
    }),
  )
  expect(await alice.engine.call('bob')).toBe(false)
  expect(alice.story.all).toEqual(['outgoing bob', `closed bob ${code}`])
})

test.each([
  ['hello', 5_000, []],
  ['name', 10_000, [peerHello]],
])('a called peer that never says its %s is timeout', async (_, deadline, said) => {
  const everyone: PhoneBook = new Map()
  const alice = await person('alice', everyone)
  const connected = happenings<string>()
  everyone.set(
    'bob',
    await impostor(async mallory => {
      mallory.say(...said)
      await mallory.until(said.length === 0 ? HELLO.type : NAME.type)
      connected.add('connected')
      await mallory.end()
    }),
  )
  const pass = fakeClock()
  const called = alice.engine.call('bob')
  await connected.next(() => true)
  await pass(deadline)
  expect(await called).toBe(false)
  expect(alice.story.all).toEqual(['outgoing bob', 'closed bob timeout'])
})
