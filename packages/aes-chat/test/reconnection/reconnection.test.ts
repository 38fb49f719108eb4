import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { ChatEvent } from '@p2p-secure-chat/basic-p2p/chat/chat-event'
import { BREAKS } from '@p2p-secure-chat/basic-p2p/chat/conversation'
import { dhUpgrade, type DhUpgradeOptions } from '@p2p-secure-chat/dh-chat/dh-upgrade'
import { authenticatedUpgrade } from '@p2p-secure-chat/dh-chat/handshake/handshake-upgrade'
import { keystreamProtection } from '@p2p-secure-chat/dh-chat/keystream-protection'
import type { Identity } from '@p2p-secure-chat/dh-chat/identity/identity'
import { knownPeers } from '@p2p-secure-chat/dh-chat/identity/known-peers'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cutBefore, cutInside, on, once } from '../../../stage/src/tampering.ts'
import { type Path, openPath, pass } from '../../../stage/src/path.ts'
import { openTestbed, temporaryFolder, textsOf } from '../../../dh-chat/test/support/chat-testbed.ts'
import { alice, bob, mallory } from '../../../dh-chat/test/support/people.ts'
import { type Person, startPerson } from '../../../dh-chat/test/support/person.ts'
import { testGroup } from '../../../dh-chat/test/support/test-group.ts'
import { aesUpgrade } from '../../src/aes-upgrade.ts'

type MakeUpgrade = (options: DhUpgradeOptions) => Upgrade

/** Two people; each reaches the other through a proxy of its own. */
interface Pair {
  readonly alice: Person
  readonly bob: Person
  /** In front of alice, and in front of bob. */
  readonly proxies: readonly [Path, Path]
  /** Breaks whatever connection there is. */
  kill(): void
}

async function start(identity: Identity, makeUpgrade: MakeUpgrade, locate: () => Address): Promise<Person> {
  const home = temporaryFolder()
  mkdirSync(join(home, identity.name))
  const upgrade = makeUpgrade({ identity, knownPeers: knownPeers(home, identity.name), groups: [testGroup] })
  const person = await startPerson(identity.name, upgrade, locate)
  onTestFinished(() => person.stop())
  return person
}

/** Alice and bob, in a conversation for which alice has called. */
async function twoTalking(makeUpgrade: MakeUpgrade = aesUpgrade): Promise<Pair> {
  const proxies = await Promise.all([openPath(), openPath()])
  for (const proxy of proxies) onTestFinished(() => proxy.stop())
  const [before, behind] = proxies
  const [one, other] = await Promise.all([
    start(alice, makeUpgrade, () => behind),
    start(bob, makeUpgrade, () => before),
  ])
  before.forwardTo(one.address)
  behind.forwardTo(other.address)
  expect(await one.engine.call('bob')).toBe(true)
  await other.until(() => other.engine.open.length === 1)
  return {
    alice: one,
    bob: other,
    proxies,
    kill() {
      for (const proxy of proxies) proxy.kill()
    },
  }
}

const count = ({ events }: Person, name: ChatEvent['event']) => events.filter(({ event }) => event === name).length
const heard = ({ events }: Person) => textsOf(events)
const closedWith = ({ events }: Person) => events.flatMap(event => (event.event === 'closed' ? [event.code] : []))

describe.each([
  ['aes', aesUpgrade],
  ['dh', dhUpgrade],
] as const)('on the %s rung', (_, makeUpgrade) => {
  test('what is said while there is no connection arrives over the next one, once and in order', async () => {
    const pair = await twoTalking(makeUpgrade)
    await pair.alice.engine.say('bob', 'before')
    await pair.bob.until(() => heard(pair.bob).length === 1)
    pair.kill()
    await Promise.all([pair.alice, pair.bob].map(person => person.until(() => count(person, 'interrupted') === 1)))
    expect(pair.alice.engine.open).toEqual(['bob'])
    expect(pair.alice.engine.isInterrupted('bob')).toBe(true)
    for (const text of ['while', 'it is', 'gone']) await pair.alice.engine.say('bob', text)
    await pair.bob.engine.say('alice', 'are you there?')
    await Promise.all([pair.alice.engine.settled('bob'), pair.bob.engine.settled('alice')])
    expect(heard(pair.bob)).toEqual(['before', 'while', 'it is', 'gone'])
    expect(heard(pair.alice)).toEqual(['are you there?'])
    expect(pair.alice.engine.isInterrupted('bob')).toBe(false)
    expect(pair.alice.engine.undelivered).toBe(0)
    for (const person of [pair.alice, pair.bob]) {
      expect([count(person, 'open'), count(person, 'resumed'), count(person, 'closed')]).toEqual([1, 1, 0])
    }
  })

  // A cut before a record loses it whole, one inside it loses it half; records hold CALL or ACCEPT, texts, receipts.
  test.each(
    (['dialler', 'listener'] as const).flatMap(from =>
      [1, 2, 3].flatMap(nth => [cutBefore, cutInside].map(tamper => [nth, from, tamper] as const)),
    ),
  )('a cut at record %i of the %s loses nothing and repeats nothing', async (nth, from, tamper) => {
    const pair = await twoTalking(makeUpgrade)
    pair.kill()
    await pair.alice.until(() => count(pair.alice, 'interrupted') === 1)
    for (const proxy of pair.proxies) proxy.setTamper(once({ from, type: RECORD.type, nth }, tamper))
    for (const text of ['1', '2', '3', '4']) {
      await Promise.all([pair.alice.engine.say('bob', text), pair.bob.engine.say('alice', text)])
      // Each in a record of its own, unless there is no connection.
      await new Promise(resolve => setImmediate(resolve))
    }
    for (const proxy of pair.proxies) proxy.setTamper(pass)
    await Promise.all([pair.alice.engine.settled('bob'), pair.bob.engine.settled('alice')])
    expect([heard(pair.alice), heard(pair.bob)]).toEqual([
      ['1', '2', '3', '4'],
      ['1', '2', '3', '4'],
    ])
  })
})

test('a conversation that has used up its key stream goes on under fresh keys', async () => {
  const pair = await twoTalking(options =>
    authenticatedUpgrade({
      ...options,
      protocol: 'peer-dh/1',
      integrity: false,
      protect: secrets => keystreamProtection(secrets, 5_000),
    }),
  )
  const texts = Array.from({ length: 20 }, (_, index) => `${index} `.repeat(300))
  for (const text of texts) {
    await pair.alice.engine.say('bob', text)
    await pair.alice.engine.settled('bob')
  }
  expect(heard(pair.bob)).toEqual(texts)
  const [interruption] = pair.alice.events.filter(({ event }) => event === 'interrupted')
  expect(interruption).toMatchObject({ code: 'session-limit' })
})

test.each(['dialler', 'listener'] as const)(
  'a side that has not noticed is told by the other one: only the %s saw it break',
  async side => {
    const pair = await twoTalking()
    for (const proxy of pair.proxies) proxy.kill(side)
    await Promise.all([pair.alice, pair.bob].map(person => person.until(() => count(person, 'resumed') === 1)))
    await pair.alice.engine.say('bob', 'there you are')
    await pair.alice.engine.settled('bob')
    expect(heard(pair.bob)).toEqual(['there you are'])
  },
)

test('settled() goes on to the next connection, also when that takes the place of the last one at once', async () => {
  const pair = await twoTalking()
  for (const proxy of pair.proxies) proxy.kill('dialler')
  // Into a connection of which alice alone knows that it broke.
  await pair.bob.engine.say('alice', 'do you hear me?')
  await pair.bob.engine.settled('alice')
  expect(pair.bob.engine.undelivered).toBe(0)
})

test('a peer whose program is gone is given up soon, and what it did not get is told', async () => {
  const pair = await twoTalking()
  for (const proxy of pair.proxies) proxy.stop()
  await pair.alice.until(() => count(pair.alice, 'interrupted') === 1)
  await pair.alice.engine.say('bob', 'anybody?')
  await pair.alice.engine.settled('bob')
  expect(closedWith(pair.alice)).toEqual(['cut'])
  expect(pair.alice.events.at(-1)).toMatchObject({
    event: 'error',
    code: 'undelivered',
    texts: [{ id: expect.stringMatching(/^[0-9a-f]{16}-1$/), text: 'anybody?' }],
  })
  expect(pair.alice.engine.undelivered).toBe(1)
  await expect(pair.alice.engine.say('bob', 'hello?')).rejects.toMatchObject({ code: 'no-conversation' })
})

test('who was started anew knows nothing of the conversation: it is over, and nothing is said twice', async () => {
  const pair = await twoTalking()
  await pair.alice.engine.say('bob', 'one')
  await pair.alice.engine.settled('bob')
  const anew = await start(bob, aesUpgrade, () => pair.proxies[0])
  pair.proxies[1].forwardTo(anew.address)
  // Bob's old self must not come back either.
  pair.proxies[0].forwardTo({ host: '127.0.0.1', port: 1 })
  pair.kill()
  await pair.alice.engine.say('bob', 'two')
  await pair.alice.until(() => count(pair.alice, 'closed') === 1)
  expect(closedWith(pair.alice)).toEqual(['cut'])
  expect(heard(anew)).toEqual([])
  expect(pair.alice.engine.undelivered).toBe(1)
})

test('nothing is sent again to another key: who answers in the name of the peer gets an alarm and no text', async () => {
  const pair = await twoTalking()
  const impostor = await start({ ...mallory, name: 'bob' }, aesUpgrade, () => pair.proxies[0])
  pair.proxies[1].forwardTo(impostor.address)
  pair.proxies[0].forwardTo({ host: '127.0.0.1', port: 1 })
  pair.kill()
  await pair.alice.engine.say('bob', 'for bob alone')
  await pair.alice.until(() => count(pair.alice, 'closed') === 1)
  expect(closedWith(pair.alice)).toEqual(['key-changed'])
  expect(heard(impostor)).toEqual([])
  expect(count(impostor, 'open')).toBe(0)
})

test('a peer that takes each connection only to break it is not dialled for ever, and does not fill the screen', async () => {
  const pair = await twoTalking()
  for (const proxy of pair.proxies) {
    // The first record of the callee is its ACCEPT.
    proxy.setTamper(
      on({ from: 'listener', type: RECORD.type }, ({ bytes }, forward) => {
        forward.onward(bytes)
        setImmediate(() => forward.cut())
      }),
    )
  }
  pair.kill()
  await pair.alice.until(() => count(pair.alice, 'closed') === 1)
  expect(closedWith(pair.alice)).toEqual(['too-many'])
  for (const person of [pair.alice, pair.bob]) {
    expect(count(person, 'resumed')).toBeGreaterThan(1)
    expect(count(person, 'interrupted')).toBeLessThanOrEqual(BREAKS.burst + 1)
  }
})

test('an interrupted conversation can be left, and its peer is told when it comes back', async () => {
  const pair = await twoTalking()
  for (const proxy of pair.proxies) proxy.forwardTo({ host: '127.0.0.1', port: 1 })
  pair.kill()
  await pair.alice.until(() => count(pair.alice, 'interrupted') === 1)
  await pair.alice.engine.leave('bob')
  expect(closedWith(pair.alice)).toEqual(['cut'])
  pair.proxies[0].forwardTo(pair.alice.address)
  await pair.bob.until(() => count(pair.bob, 'closed') === 1)
  expect(closedWith(pair.bob)).toEqual(['cut'])
  expect(count(pair.alice, 'resumed') + count(pair.bob, 'resumed')).toBe(0)
})

test('who calls anew while the other one still hopes for the old conversation gets a new one', async () => {
  const pair = await twoTalking()
  for (const proxy of pair.proxies) proxy.forwardTo({ host: '127.0.0.1', port: 1 })
  pair.kill()
  await Promise.all([pair.alice, pair.bob].map(person => person.until(() => count(person, 'interrupted') === 1)))
  await pair.alice.engine.leave('bob')
  pair.proxies[1].forwardTo(pair.bob.address)
  expect(await pair.alice.engine.call('bob')).toBe(true)
  await pair.alice.engine.say('bob', 'as if nothing had happened')
  await pair.alice.engine.settled('bob')
  expect(heard(pair.bob)).toEqual(['as if nothing had happened'])
  expect([count(pair.bob, 'closed'), count(pair.bob, 'open')]).toEqual([1, 2])
})

test('ten kills during 1,000 messages in both directions, real programs: each arrives once and in order', async () => {
  const MESSAGES = 1_000
  const KILLS = 10
  const [testbed, before, behind] = await Promise.all([openTestbed('aes-chat'), openPath(), openPath()])
  const proxies = [before, behind]
  for (const proxy of proxies) onTestFinished(() => proxy.stop())
  const group = ['--group', 'ffdhe2048']
  const [one, other] = await Promise.all([
    testbed.client('alice', '--advertise', String(before.port), ...group),
    testbed.client('bob', '--advertise', String(behind.port), ...group),
  ])
  before.forwardTo(one.listen)
  behind.forwardTo(other.listen)
  one.say('/chat bob')
  await Promise.all([one.next('open'), other.next('open')])

  const texts = Array.from({ length: MESSAGES }, (_, index) => `text ${index}`)
  async function hear(who: typeof one, atLeast: number): Promise<void> {
    while (textsOf(who.events).length < atLeast) await who.next('message')
  }
  const share = MESSAGES / KILLS
  for (let killed = 0; killed < KILLS; killed++) {
    for (const text of texts.slice(killed * share, (killed + 1) * share)) {
      one.say(text)
      other.say(text)
    }
    // In the middle of this share: some of it has arrived, some is on its way, some is not yet said.
    await hear(other, killed * share + 1)
    for (const proxy of proxies) proxy.kill()
  }
  await hear(one, MESSAGES)
  await hear(other, MESSAGES)
  for (const person of [one, other]) {
    expect(textsOf(person.events)).toEqual(texts)
    expect(person.events.filter(({ event }) => event === 'open')).toHaveLength(1)
    expect(person.events.filter(({ event }) => event === 'resumed').length).toBeGreaterThan(1)
  }
})
