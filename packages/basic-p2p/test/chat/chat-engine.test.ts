import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { errorMessage, readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { PeerSecurity, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { expect, test, vi } from 'vitest'
import { blockedForNow } from '../../src/chat/blocked-peers.ts'
import type { ChatEvent } from '../../src/chat/chat-event.ts'
import { type PeerEvent, type PeerState, step } from '../../src/chat/peer-states.ts'
import { plainUpgrade } from '../../src/plain-upgrade.ts'
import type { RingingCall } from '../../src/chat/chat-engine.ts'
import {
  DIAL_BACKS_TO_STRANGERS,
  RINGING_LIMIT,
  RINGING_STRANGERS,
  RINGS_OF_A_PEER,
} from '../../src/chat/call-policy.ts'
import { happenings } from '../support/events.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { type Person, type PhoneBook, person } from '../support/person.ts'
import { impostor, nameMessage, peerHello, stranger } from '../support/stranger.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ERROR, GOODBYE, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { ACCEPT, CALL, DECLINE, NAME } from '../../src/messages/conversation.ts'
import { polling } from '../../../core/test/support/patience.ts'

const seen = (wanted: string) => (told: string) => told === wanted
const book = (): PhoneBook => new Map()

/** Two people with an open conversation, whose story so far is forgotten. */
async function twoTalking(): Promise<[Person, Person]> {
  const everyone = book()
  const alice = await person('alice', everyone)
  const bob = await person('bob', everyone, { policy: 'all' })
  expect(await alice.engine.call('bob')).toBe(true)
  await alice.story.next(seen('open bob'))
  await bob.story.next(seen('open alice'))
  return [alice, bob]
}

const goodbye: Message = { type: GOODBYE.type, body: new Uint8Array(0) }

/** The call of somebody that rings now. */
function callOf({ engine }: Person, peer: string): RingingCall {
  const call = engine.ringing.find(ringing => ringing.peer === peer)
  if (call === undefined) throw new Error(`${peer} is not calling`)
  return call
}

test('a call rings, is accepted, and both can talk', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const bob = await person('bob', everyone)
  const called = alice.engine.call('bob')
  await bob.story.next(seen('incoming alice'))
  expect(bob.engine.ringing).toMatchObject([{ peer: 'alice' }])
  expect(bob.engine.open).toEqual([])
  await callOf(bob, 'alice').accept()
  expect(await called).toBe(true)
  expect(bob.engine.ringing).toEqual([])
  await alice.engine.say('bob', 'שלום 👋🏽')
  await bob.story.next(seen('in alice שלום 👋🏽'))
  await bob.engine.say('alice', 'two\nlines')
  await alice.story.next(seen('in bob two\nlines'))
  await alice.engine.settled('bob')
  expect(alice.story.all.slice(0, 3)).toEqual(['outgoing bob', 'open bob', 'out bob שלום 👋🏽'])
  expect(alice.story.all).toContain('delivered bob')
  expect(alice.engine.undelivered).toBe(0)
})

test('what the upgrade learnt is what is told, and nothing else', async () => {
  const [alice] = await twoTalking()
  expect(alice.events.all.find(event => event.event === 'open')).toEqual({
    event: 'open',
    peer: 'bob',
    via: 'direct',
    confidential: false,
    integrity: false,
    identity: 'none',
    fingerprint: null,
    safetyNumber: null,
    notices: [],
  })
})

test('a goodbye ends a conversation on both sides', async () => {
  const [alice, bob] = await twoTalking()
  await alice.engine.leave('bob')
  await alice.story.next(seen('closed bob null'))
  await bob.story.next(seen('closed alice null'))
  expect([alice.engine.open, bob.engine.open]).toEqual([[], []])
  await expect(alice.engine.say('bob', 'x')).rejects.toMatchObject({ code: 'no-conversation' })
  await expect(alice.engine.leave('bob')).rejects.toMatchObject({ code: 'no-conversation' })
})

test('after a goodbye the same two can talk again, and no text has the id of another', async () => {
  const [alice, bob] = await twoTalking()
  await alice.engine.say('bob', 'one')
  await bob.story.next(seen('in alice one'))
  void alice.engine.leave('bob')
  expect(await alice.engine.call('bob')).toBe(true)
  await alice.engine.say('bob', 'two')
  await bob.story.next(seen('in alice two'))
  const ids = (events: readonly ChatEvent[]) => events.flatMap(event => (event.event === 'message' ? [event.id] : []))
  expect(new Set(ids(alice.events.all)).size).toBe(2)
  for (const [{ story }, peer] of [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const) {
    const turns = story.all.filter(told => /^(open|closed)/.test(told))
    expect(turns).toEqual([`open ${peer}`, `closed ${peer} null`, `open ${peer}`])
  }
  expect(ids(bob.events.all)).toEqual(ids(alice.events.all))
})

test('a peer that vanishes has cut the conversation, and what it did not acknowledge is undelivered', async () => {
  const [alice, bob] = await twoTalking()
  bob.vanish()
  await alice.engine.say('bob', 'are you there?')
  await alice.story.next(seen('closed bob cut'))
  await alice.story.next(seen('error undelivered'))
  expect(alice.engine.undelivered).toBe(1)
})

test('a declined call is closed without ever being open', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const bob = await person('bob', everyone)
  const called = alice.engine.call('bob')
  await bob.story.next(seen('incoming alice'))
  callOf(bob, 'alice').decline()
  expect(await called).toBe(false)
  expect(alice.story.all).toEqual(['outgoing bob', 'closed bob declined'])
  await bob.story.next(seen('closed alice declined'))
})

test.each([
  ['all', 'open'],
  ['none', 'closed'],
  ['known', 'closed'],
] as const)('with the policy %s a call is %s without a question', async (policy, outcome) => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const bob = await person('bob', everyone, { policy })
  expect(await alice.engine.call('bob')).toBe(outcome === 'open')
  const asked = bob.events.all.filter(event => event.event === 'call')
  expect(asked).toEqual(
    outcome === 'open' ? [{ event: 'call', peer: 'alice', direction: 'incoming', asks: false }] : [],
  )
})

test('who is not online, or does not answer the door, is closed without open', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  expect(await alice.engine.call('bob')).toBe(false)
  everyone.set('bob', { host: '127.0.0.1', port: 1 })
  expect(await alice.engine.call('bob')).toBe(false)
  expect(alice.story.all).toEqual(['outgoing bob', 'closed bob unknown-user', 'outgoing bob', 'closed bob unreachable'])
})

test('who answers under another name is not talked to', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const mallory = await person('mallory', everyone, { policy: 'all' })
  everyone.set('bob', mallory.address)
  expect(await alice.engine.call('bob')).toBe(false)
  await alice.story.next(seen('closed bob wrong-peer'))
  expect(mallory.engine.open).toEqual([])
})

test('nobody can call themselves', async () => {
  const alice = await person('alice', book())
  await expect(alice.engine.call('alice')).rejects.toMatchObject({ code: 'self-call' })
})

test('a second call to the same peer finds the first', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const bob = await person('bob', everyone)
  const calls = [alice.engine.call('bob'), alice.engine.call('bob')]
  await bob.story.next(seen('incoming alice'))
  await callOf(bob, 'alice').accept()
  expect(await Promise.all(calls)).toEqual([true, true])
  expect(await alice.engine.call('bob')).toBe(true)
  expect(bob.story.all).toEqual(['incoming alice', 'open alice'])
  expect(alice.story.all).toEqual(['outgoing bob', 'open bob'])
})

test('a second call that fails with the first is told once', async () => {
  const alice = await person('alice', book())
  expect(await Promise.all([alice.engine.call('bob'), alice.engine.call('bob')])).toEqual([false, false])
  expect(alice.story.all).toEqual(['outgoing bob', 'closed bob unknown-user'])
})

test('to call somebody who is calling is to accept', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const bob = await person('bob', everyone)
  const called = alice.engine.call('bob')
  await bob.story.next(seen('incoming alice'))
  expect(await bob.engine.call('alice')).toBe(true)
  expect(await called).toBe(true)
  expect(bob.story.all).toEqual(['incoming alice', 'open alice'])
})

test('who is blocked is left, calls again without a sound, and is called no more until the block is lifted', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const mallory = await person('mallory', everyone, { policy: 'all' })
  void mallory.engine.call('alice')
  await alice.story.next(seen('incoming mallory'))
  await alice.engine.block('mallory')
  await alice.story.next(seen('closed mallory declined'))
  expect(await mallory.engine.call('alice')).toBe(false)
  expect(await alice.engine.call('mallory')).toBe(false)
  expect(alice.story.all).toEqual(['incoming mallory', 'closed mallory declined', 'closed mallory blocked'])
  const declined = ['outgoing alice', 'closed alice declined']
  expect(mallory.story.all).toEqual([...declined, ...declined])
  await alice.blocked.unblock('mallory')
  expect(await alice.engine.call('mallory')).toBe(true)
  await alice.engine.block('mallory')
  await mallory.story.next(seen('closed alice null'))
})

test('a call can be given up while it rings at the peer, who hears that', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const bob = await person('bob', everyone)
  const called = alice.engine.call('bob')
  await bob.story.next(seen('incoming alice'))
  expect(alice.engine.calling).toEqual(['bob'])
  await alice.engine.leave('bob')
  expect(await called).toBe(false)
  expect(alice.engine.calling).toEqual([])
  expect(alice.events.all.at(-1)).toMatchObject({ event: 'closed', reason: 'bye', code: null, message: 'you hung up' })
  await bob.story.next(seen('closed alice null'))
  await expect(alice.engine.leave('bob')).rejects.toMatchObject({ code: 'no-conversation' })
  expect(await person('carol', everyone, { policy: 'all' }).then(() => alice.engine.call('carol'))).toBe(true)
})

test('a call can be given up before it has reached anybody, and nothing more is waited for', async () => {
  let abandoned: AbortSignal | undefined
  const alice = await person('alice', book(), {
    locate: (_, signal) => {
      abandoned = signal
      return new Promise(() => undefined)
    },
  })
  const called = alice.engine.call('bob')
  await nextTurn()
  expect(abandoned?.aborted).toBe(false)
  await alice.engine.leave('bob')
  expect(await called).toBe(false)
  expect(abandoned?.aborted).toBe(true)
  expect(alice.story.all).toEqual(['outgoing bob', 'closed bob null'])
})

test('a call can be given up between two tries', async () => {
  const pass = fakeClock()
  const everyone = book()
  const alice = await person('alice', everyone)
  let tries = 0
  const full = await impostor(async bob => {
    tries += 1
    bob.say(errorMessage(new ChatError('too-many', 'no place')))
    await bob.end()
  })
  everyone.set('bob', full)
  const called = alice.engine.call('bob')
  await alice.story.next(seen('retry'))
  await alice.engine.leave('bob')
  expect(await called).toBe(false)
  expect(alice.story.all).toEqual(['outgoing bob', 'retry', 'closed bob null'])
  await pass(10_000)
  expect(tries).toBe(1)
})

test('a call that was given up is not taken late', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const heard = happenings<string>()
  let acceptLate = () => {}
  everyone.set(
    'bob',
    await impostor(async bob => {
      bob.say(peerHello, nameMessage('bob'))
      await bob.until(CALL.type)
      acceptLate = () => bob.say(jsonMessage(ACCEPT.type, { conversation: 'f'.repeat(32) }), goodbye)
      heard.add('call')
      await bob.until(GOODBYE.type)
      heard.add('goodbye')
      bob.socket.end()
    }),
  )
  const called = alice.engine.call('bob')
  await heard.next(seen('call'))
  await alice.engine.leave('bob')
  acceptLate()
  await heard.next(seen('goodbye'))
  expect(await called).toBe(false)
  await nextTurn()
  expect(alice.story.all).toEqual(['outgoing bob', 'closed bob null'])
  expect(alice.engine.open).toEqual([])
})

test('somebody may be blocked while they are being called', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const mallory = await person('mallory', everyone)
  const called = alice.engine.call('mallory')
  await mallory.story.next(seen('incoming alice'))
  await alice.engine.block('mallory')
  expect(await called).toBe(false)
  expect(mallory.engine.ringing).toEqual([])
  expect(alice.engine.open).toEqual([])
})

test('where the list of the blocked can not be read, nobody gets in, and that is told a few times', async () => {
  const everyone = book()
  const blocks = () => Promise.reject(new ChatError('unreadable', 'the list is gone'))
  const alice = await person('alice', everyone, { policy: 'all', blocked: { ...blockedForNow(), blocks } })
  const mallory = await person('mallory', everyone)
  for (let i = 0; i < 20; i++) expect(await mallory.engine.call('alice')).toBe(false)
  expect(alice.story.all).toEqual(Array(RINGS_OF_A_PEER.burst).fill('error unreadable'))
})

test('who calls again and again rings a few times and is busy then; others get through', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const mallory = await person('mallory', everyone)
  for (let i = 0; i < 20; i++) {
    const called = mallory.engine.call('alice')
    if (i < RINGS_OF_A_PEER.burst) {
      await alice.story.next(seen('incoming mallory'))
      callOf(alice, 'mallory').decline()
    }
    expect(await called).toBe(false)
  }
  expect(alice.story.all.filter(seen('incoming mallory'))).toHaveLength(RINGS_OF_A_PEER.burst)
  expect(mallory.story.all.at(-1)).toBe('closed alice busy')
  const bob = await person('bob', everyone)
  void bob.engine.call('alice')
  await alice.story.next(seen('incoming bob'))
})

test('an answer is about one call, and not about the next one under the same name', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const bob = await person('bob', everyone)
  const first = alice.engine.call('bob')
  await bob.story.next(seen('incoming alice'))
  const call = callOf(bob, 'alice')
  await alice.engine.leaveAll()
  await first
  await bob.story.next(seen('closed alice null'))
  const again = await person('alice', everyone)
  void again.engine.call('bob')
  await bob.story.next(seen('incoming alice'))
  await expect(call.accept()).rejects.toMatchObject({ code: 'no-conversation' })
  expect(() => call.decline()).toThrow(expect.objectContaining({ code: 'no-conversation' }))
  await callOf(bob, 'alice').accept()
  await again.story.next(seen('open bob'))
})

test('a caller who hangs up before the answer is gone', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const bob = await person('bob', everyone)
  const called = alice.engine.call('bob')
  await bob.story.next(seen('incoming alice'))
  await alice.engine.leaveAll()
  expect(await called).toBe(false)
  await bob.story.next(seen('closed alice null'))
  expect(bob.engine.ringing).toEqual([])
  expect(bob.engine.ringing).toEqual([])
})

test('several conversations go on at once, and each says only its own', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const others = await Promise.all(['bob', 'carol', 'mallory'].map(name => person(name, everyone, { policy: 'all' })))
  for (const name of ['bob', 'carol', 'mallory']) expect(await alice.engine.call(name)).toBe(true)
  expect(alice.engine.open).toEqual(['bob', 'carol', 'mallory'])
  for (const name of alice.engine.open) await alice.engine.say(name, `for ${name}`)
  for (const [index, name] of ['bob', 'carol', 'mallory'].entries()) {
    const { story } = others[index] ?? expect.fail()
    await story.next(seen(`in alice for ${name}`))
    expect(story.all.filter(told => told.startsWith('in '))).toEqual([`in alice for ${name}`])
  }
  const left = others.map(({ story }) => story.next(seen('closed alice null')))
  await alice.engine.leaveAll()
  await Promise.all(left)
})

test('two who call each other at once have one conversation, the one of the smaller name', async () => {
  for (let round = 0; round < 20; round++) {
    const everyone = book()
    const [alice, bob] = await Promise.all([person('alice', everyone), person('bob', everyone)])
    expect(await Promise.all([alice.engine.call('bob'), bob.engine.call('alice')])).toEqual([true, true])
    await alice.engine.say('bob', 'hello bob')
    await bob.engine.say('alice', 'hello alice')
    await alice.story.next(seen('in bob hello alice'))
    await bob.story.next(seen('in alice hello bob'))
    for (const { story } of [alice, bob]) {
      expect(story.all.filter(told => told.startsWith('open'))).toHaveLength(1)
      expect(story.all.filter(told => told.startsWith('closed'))).toEqual([])
      expect(story.all.filter(told => told.startsWith('incoming'))).toEqual([])
    }
    await alice.engine.leave('bob')
    await bob.story.next(seen('closed alice null'))
  }
})

test('where only one of two crossing calls gets through, that one goes on, whoever placed it', async () => {
  for (const [caller, waiting] of [
    ['alice', 'bob'],
    ['bob', 'alice'],
  ] as const) {
    const everyone = book()
    const first = await person(caller, everyone)
    const second = await person(waiting, everyone, { beforeDial: new Promise(() => undefined) })
    const calls = [first.engine.call(waiting), second.engine.call(caller)]
    expect(await Promise.all(calls)).toEqual([true, true])
    await second.engine.say(caller, 'hello')
    await first.story.next(seen(`in ${waiting} hello`))
  }
})

/** Plays a peer that does as it likes after NAME. */
async function caller(address: Person['address'], name: string) {
  const peer = await stranger(address)
  peer.say(peerHello, nameMessage(name), jsonMessage(CALL.type, { conversation: '0'.repeat(32) }))
  return peer
}

const declineCode = async (peer: Awaited<ReturnType<typeof caller>>) => {
  const { body } = await peer.until(DECLINE.type)
  const { code }: { code: string } = JSON.parse(Buffer.from(body).toString())
  return code
}

test('a second call from somebody who already talks, already rings, or has our name is busy', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  await caller(alice.address, 'bob')
  await alice.story.next(seen('incoming bob'))
  expect(await declineCode(await caller(alice.address, 'bob'))).toBe('busy')
  await callOf(alice, 'bob').accept()
  expect(await declineCode(await caller(alice.address, 'bob'))).toBe('busy')
  expect(await declineCode(await caller(alice.address, 'alice'))).toBe('busy')
  expect(alice.story.all).toEqual(['incoming bob', 'open bob'])
})

test('conversations that are given up are told as such, with what was not delivered, and once', async () => {
  const alice = await person('alice', book(), { policy: 'all' })
  const silent = await caller(alice.address, 'bob')
  await alice.story.next(seen('open bob'))
  await alice.engine.say('bob', 'anybody?')
  void alice.engine.leaveAll()
  alice.engine.abandon()
  silent.socket.destroy()
  await silent.end()
  await nextTurn()
  expect(alice.story.all.slice(2)).toEqual(['out bob anybody?', 'closed bob timeout', 'error undelivered'])
  expect(alice.engine.undelivered).toBe(1)
})

/** A rung on which those whose names begin so are known. */
function knowing(name: string, beginning: string): Upgrade {
  const plain = plainUpgrade(name)
  return {
    ...plain,
    async upgrade(raw, introduction) {
      const { channel, security } = await plain.upgrade(raw, introduction)
      const known = security.peer.startsWith(beginning)
      return { channel, security: { ...security, identity: known ? 'known' : 'new', fingerprint: security.peer } }
    },
  }
}

test('strangers whose connections break are dialled back within a budget, peers we know without one', async () => {
  const everyone = book()
  const pass = fakeClock()
  const alice = await person('alice', everyone, { policy: 'all', upgrade: knowing('alice', 'friend') })
  const dialled: string[] = []
  const elsewhere = await impostor(async ({ socket }) => {
    dialled.push('')
    socket.destroy()
  })
  const breakOff = async (name: string) => {
    everyone.set(name, elsewhere)
    const peer = await caller(alice.address, name)
    await peer.until(ACCEPT.type)
    peer.socket.destroy()
    await alice.story.next(seen('interrupted'))
  }
  const { burst } = DIAL_BACKS_TO_STRANGERS
  for (let i = 0; i < burst + 10; i++) await breakOff(`mallory${i}`)
  // Time enough for several tries of each, and for the budget to grow by five.
  for (let i = 0; i < 20; i++) await pass(500)
  await vi.waitFor(() => expect(dialled.length).toBeGreaterThanOrEqual(burst), polling())
  expect(dialled.length).toBeLessThanOrEqual(burst + 6)
  const before = dialled.length
  await breakOff('friend')
  await pass(1_000)
  await vi.waitFor(() => expect(dialled.length).toBeGreaterThan(before), polling())
})

test.each([
  ['another conversation', { conversation: 'e'.repeat(32), received: '0' }],
  ['more than was sent', { conversation: 'f'.repeat(32), received: '1' }],
  ['nothing of what arrived', { conversation: 'f'.repeat(32) }],
])('a peer that goes on with %s ends the conversation, hears why, and is not dialled again', async (_, answer) => {
  const pass = fakeClock()
  const everyone = book()
  const alice = await person('alice', everyone, { upgrade: knowing('alice', 'bob') })
  const heard = happenings<string>()
  let connections = 0
  everyone.set(
    'bob',
    await impostor(async bob => {
      connections += 1
      bob.say(peerHello, nameMessage('bob'))
      await bob.until(CALL.type)
      bob.say(jsonMessage(ACCEPT.type, connections === 1 ? { conversation: 'f'.repeat(32) } : answer))
      if (connections === 1) await alice.story.next(seen('open bob'))
      else heard.add(readError((await bob.until(ERROR.type)).body).error.code)
      bob.socket.destroy()
    }),
  )
  expect(await alice.engine.call('bob')).toBe(true)
  expect(await heard.next(() => true)).toBe('bad-message')
  await alice.story.next(seen('closed bob bad-message'))
  await pass(10_000)
  expect([connections, alice.engine.open]).toEqual([2, []])
  expect(alice.story.all).toEqual(['outgoing bob', 'open bob', 'interrupted', 'closed bob bad-message'])
})

test('a peer whose conversation broke and who calls again rings at once, whatever the last one leaves to be told', async () => {
  const alice = await person('alice', book(), {
    policy: 'all',
    upgrade: knowing('alice', 'bob'),
    output: event =>
      event.event === 'file' && event.state === 'failed' ? new Promise(() => undefined) : Promise.resolve(),
  })
  const bob = await caller(alice.address, 'bob')
  await bob.until(ACCEPT.type)
  const path = join(temporaryFolder(), 'photo.jpg')
  writeFileSync(path, 'photo')
  await alice.engine.files('bob')?.offer(path)
  bob.socket.destroy()
  await alice.story.next(seen('interrupted'))
  await (await caller(alice.address, 'bob')).until(ACCEPT.type)
  expect(alice.story.all.filter(seen('open bob'))).toHaveLength(2)
})

test('calls of strangers ring up to a limit, those of peers we know up to a higher one; others are busy without a sound', async () => {
  const alice = await person('alice', book(), { upgrade: knowing('alice', 'friend') })
  const rings = async (name: string) => {
    await caller(alice.address, name)
    await alice.story.next(seen(`incoming ${name}`))
  }
  for (let i = 0; i < RINGING_STRANGERS; i++) await rings(`mallory${i}`)
  expect(await declineCode(await caller(alice.address, 'mallory'))).toBe('busy')
  for (let i = 0; i < RINGING_LIMIT - RINGING_STRANGERS; i++) await rings(`friend${i}`)
  expect(await declineCode(await caller(alice.address, 'friend'))).toBe('busy')
  expect(alice.story.all).toHaveLength(RINGING_LIMIT)
})

/** A peer that takes the connection, and notes what comes; it never answers the call. */
function silent(name: string) {
  const heard = happenings<number>()
  const listening = impostor(async peer => {
    peer.say(peerHello, nameMessage(name))
    for (let message = await peer.next(); message !== null; message = await peer.next()) heard.add(message.type)
    peer.say({ type: GOODBYE.type, body: new Uint8Array(0) })
    peer.socket.end()
  })
  return { heard, listening }
}

test.each([
  ['bob', 'alice'],
  ['alice', 'bob'],
])('when both have heard the call of the other, %s called by %s', async (name, peer) => {
  const everyone = book()
  const ours = await person(name, everyone)
  const { heard, listening } = silent(peer)
  everyone.set(peer, await listening)
  const called = ours.engine.call(peer)
  await heard.next(type => type === CALL.type)
  const theirs = await caller(ours.address, peer)
  if (name < peer) {
    expect(await declineCode(theirs)).toBe('crossed')
    expect(ours.engine.open).toEqual([])
  } else {
    await theirs.until(ACCEPT.type)
    expect(await called).toBe(true)
    expect(ours.engine.open).toEqual([peer])
  }
})

test('what the table of states has us say is what the peer hears', async () => {
  const everyone = book()
  const alice = await person('alice', everyone, { policy: 'all' })
  const bob = await caller(alice.address, 'bob')
  expect((await bob.next())?.type).toBe(HELLO.type)
  expect((await bob.next())?.type).toBe(NAME.type)
  const said = async (state: PeerState, event: PeerEvent, type: { name: string; type: number }) => {
    expect(step(state, event).say).toBe(type.name)
    await bob.until(type.type)
  }
  await said('none/ringing', 'accept', ACCEPT)
  await alice.story.next(seen('open bob'))
  expect(`DECLINE ${await declineCode(await caller(alice.address, 'bob'))}`).toBe(step('open/none', 'called').say)
  void alice.engine.leave('bob')
  await said('open/none', 'parting', GOODBYE)

  const { heard, listening } = silent('carol')
  everyone.set('carol', await listening)
  void alice.engine.call('carol')
  expect(step('none/dialling', 'reached').say).toBe(CALL.name)
  await heard.next(type => type === CALL.type)
  const carol = await caller(alice.address, 'carol')
  expect(`DECLINE ${await declineCode(carol)}`).toBe(step('none/placed', 'prevails').say)
})

test('a call that the peer has not heard yet gives way to the one that the peer places', async () => {
  const everyone = book()
  let dialNow = () => {}
  const alice = await person('alice', everyone, { beforeDial: new Promise(resolve => (dialNow = resolve)) })
  const { heard, listening } = silent('bob')
  everyone.set('bob', await listening)
  const called = alice.engine.call('bob')
  const bob = await caller(alice.address, 'bob')
  await bob.until(ACCEPT.type)
  expect(await called).toBe(true)
  dialNow()
  await heard.next(type => type === GOODBYE.type)
  expect(heard.all).not.toContain(CALL.type)
  expect(alice.story.all).toEqual(['outgoing bob', 'open bob'])
})

test('the next conversation begins when the last is over, also with a peer that is slow to say goodbye', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const heard = happenings<string>()
  let sayGoodbye = () => {}
  everyone.set(
    'bob',
    await impostor(async bob => {
      heard.add('connected')
      bob.say(peerHello, nameMessage('bob'))
      await bob.until(CALL.type)
      bob.say(jsonMessage(ACCEPT.type, { conversation: 'f'.repeat(32) }))
      await bob.until(GOODBYE.type)
      heard.add('goodbye')
      sayGoodbye = () => bob.say({ type: GOODBYE.type, body: new Uint8Array(0) })
    }),
  )
  await alice.engine.call('bob')
  void alice.engine.leave('bob')
  const called = alice.engine.call('bob')
  await heard.next(what => what === 'goodbye')
  for (let i = 0; i < 10; i++) await nextTurn()
  sayGoodbye()
  expect(await called).toBe(true)
  expect(heard.all).toEqual(['connected', 'goodbye', 'connected'])
  expect(alice.story.all).toEqual(['outgoing bob', 'open bob', 'closed bob null', 'outgoing bob', 'open bob'])
})

test('a call that gave way is not taken later, while another conversation with that peer comes to its end', async () => {
  const everyone = book()
  const bob = await person('bob', everyone)
  const heard = happenings<string>()
  let acceptLate = () => {}
  everyone.set(
    'alice',
    await impostor(async alice => {
      alice.say(peerHello, nameMessage('alice'))
      await alice.until(CALL.type)
      acceptLate = () => alice.say(jsonMessage(ACCEPT.type, { conversation: 'a'.repeat(32) }))
      heard.add('call')
      await alice.until(GOODBYE.type)
      heard.add('goodbye')
    }),
  )
  const called = bob.engine.call('alice')
  await heard.next(seen('call'))
  const crossing = await caller(bob.address, 'alice')
  expect(await called).toBe(true)
  const left = bob.engine.leave('alice')
  await crossing.until(GOODBYE.type)
  acceptLate()
  await heard.next(seen('goodbye'))
  crossing.say({ type: GOODBYE.type, body: new Uint8Array(0) })
  await left
  expect(bob.story.all).toEqual(['outgoing alice', 'open alice', 'closed alice null'])
  expect(bob.engine.open).toEqual([])
})

test('a peer that claims to have crossed our call, and never calls, is given up after 10 seconds', async () => {
  const everyone = book()
  const alice = await person('alice', everyone)
  const heardCall = happenings<string>()
  everyone.set(
    'bob',
    await impostor(async bob => {
      bob.say(peerHello, nameMessage('bob'))
      await bob.until(CALL.type)
      bob.say(jsonMessage(DECLINE.type, { code: 'crossed' }))
      heardCall.add('call')
      await bob.end()
    }),
  )
  const pass = fakeClock()
  const called = alice.engine.call('bob')
  await heardCall.next(() => true)
  let seconds = 0
  for (let over = false; !over; seconds++) {
    expect(alice.story.all).toEqual(['outgoing bob'])
    await pass(1_000)
    over = await Promise.race([called.then(() => true), nextTurn(false)])
  }
  expect(seconds).toBeGreaterThanOrEqual(10)
  expect(await called).toBe(false)
  expect(alice.story.all).toEqual(['outgoing bob', 'closed bob crossed'])
})

test('a peer that falls silent is lost after 45 seconds', async () => {
  const pass = fakeClock()
  const everyone = book()
  const alice = await person('alice', everyone, { policy: 'all' })
  const bob = await caller(alice.address, 'bob')
  await alice.story.next(seen('open bob'))
  bob.socket.pause()
  await pass(44_000)
  expect(alice.engine.open).toEqual(['bob'])
  await pass(2_000)
  await alice.story.next(seen('closed bob timeout'))
})

/** A rung with something to remember, which can fail. */
function remembering(name: string, remember: () => Promise<void>, opened = () => Promise.resolve()): Upgrade {
  const plain = plainUpgrade(name)
  return {
    ...plain,
    async upgrade(raw, introduction) {
      const { channel, security } = await plain.upgrade(raw, introduction)
      const remembered: PeerSecurity = { ...security, remember, opened }
      return { channel, security: remembered }
    },
  }
}

test('a key is remembered for calls one makes, and for those one accepts, never for those accepted by policy', async () => {
  const remembered: string[] = []
  const everyone = book()
  const noting = (name: string) => remembering(name, async () => void remembered.push(name))
  const alice = await person('alice', everyone, { upgrade: noting('alice') })
  const bob = await person('bob', everyone, { upgrade: noting('bob') })
  await person('carol', everyone, { upgrade: noting('carol'), policy: 'all' })
  const called = alice.engine.call('bob')
  await bob.story.next(seen('incoming alice'))
  expect(remembered).toEqual(['alice'])
  await callOf(bob, 'alice').accept()
  await called
  expect(remembered).toEqual(['alice', 'bob'])
  await alice.engine.call('carol')
  expect(remembered).toEqual(['alice', 'bob', 'alice'])
})

test('only a conversation that opens is noted, and leaving waits until it is', async () => {
  const noted: string[] = []
  const everyone = book()
  const noting = (name: string) =>
    remembering(
      name,
      () => Promise.resolve(),
      async () => {
        await nextTurn()
        noted.push(name)
      },
    )
  const alice = await person('alice', everyone, { upgrade: noting('alice') })
  const bob = await person('bob', everyone, { upgrade: noting('bob') })
  const declined = alice.engine.call('bob')
  await bob.story.next(seen('incoming alice'))
  callOf(bob, 'alice').decline()
  expect(await declined).toBe(false)
  expect(noted).toEqual([])
  const called = alice.engine.call('bob')
  await bob.story.next(seen('incoming alice'))
  await callOf(bob, 'alice').accept()
  await called
  await Promise.all([alice, bob].map(({ engine }) => engine.leaveAll()))
  expect(noted.toSorted()).toEqual(['alice', 'bob'])
})

test('that an opening can not be noted is said, and ends nothing', async () => {
  const everyone = book()
  const failing = () => Promise.reject(new ChatError('disk-full', 'no room'))
  const alice = await person('alice', everyone, {
    upgrade: remembering('alice', () => Promise.resolve(), failing),
  })
  await person('bob', everyone, { policy: 'all' })
  expect(await alice.engine.call('bob')).toBe(true)
  await alice.story.next(seen('error disk-full'))
  expect(alice.engine.open).toEqual(['bob'])
})

test('a key that can not be remembered opens no conversation', async () => {
  const everyone = book()
  const failing = () => Promise.reject(new ChatError('unwritable', 'the disk is full'))
  const alice = await person('alice', everyone, { upgrade: remembering('alice', failing) })
  const bob = await person('bob', everyone, { policy: 'all' })
  expect(await alice.engine.call('bob')).toBe(false)
  await alice.story.next(seen('closed bob unwritable'))
  await nextTurn()
  expect(bob.story.all).toEqual([])
})

test('a call for which ours gave way rings, where ours ends before it is taken', async () => {
  const everyone = book()
  let fail = () => {}
  let remember = () => {}
  const remembered = new Promise<void>(resolve => {
    remember = resolve
  })
  const yields = happenings<string>()
  const alice = await person('alice', everyone, {
    upgrade: remembering('alice', () => {
      yields.add('remembering')
      return remembered
    }),
    locate: () =>
      new Promise((_, reject) => {
        fail = () => reject(new ChatError('unknown-user', 'bob is not online'))
      }),
  })
  const called = alice.engine.call('bob')
  await nextTurn()
  await caller(alice.address, 'bob')
  await yields.next(() => true)
  fail()
  expect(await called).toBe(false)
  remember()
  await alice.story.next(seen('incoming bob'))
  expect(alice.story.all).toEqual(['outgoing bob', 'closed bob unknown-user', 'incoming bob'])
})

test('of a peer whose offers an output has not taken yet nothing more is read', async () => {
  const everyone = book()
  let flow = () => {}
  const flows = new Promise<void>(resolve => {
    flow = resolve
  })
  const alice = await person('alice', everyone)
  const bob = await person('bob', everyone, {
    policy: 'all',
    files: { decision: 'accept', folder: temporaryFolder() },
    output: event => (event.event === 'file' ? flows : Promise.resolve()),
  })
  await alice.engine.call('bob')
  const path = join(temporaryFolder(), 'photo.jpg')
  writeFileSync(path, 'photo')
  await alice.engine.files('bob')?.offer(path)
  await alice.engine.say('bob', 'look at this')
  await bob.story.next(seen('file'))
  for (let turn = 0; turn < 100; turn++) await nextTurn()
  expect(bob.story.all).not.toContain('in alice look at this')
  flow()
  await bob.story.next(seen('in alice look at this'))
})
