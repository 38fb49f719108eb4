import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { establish } from '@p2p-secure-chat/basic-p2p/chat/establish'
import { CALL, RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { ERROR, GOODBYE, HELLO, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { deferred } from '@p2p-secure-chat/core/deferred'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { PLACES_OF_NETWORK } from '@p2p-secure-chat/core/limits/places'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { errorMessage, readError } from '@p2p-secure-chat/core/wire/error-message'
import { encodeFrame, frameDecoder, type Message } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage } from '../../core/test/support/json-message.ts'
import { stretched } from '../../core/test/support/patience.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { impostor } from '../../basic-p2p/test/support/stranger.ts'
import { dhUpgrade } from '../src/dh-upgrade.ts'
import { knownPeers } from '../src/identity/known-peers.ts'
import { temporaryFolder } from './support/chat-testbed.ts'
import { alice, bob, mallory } from './support/people.ts'
import { type Person, startPerson } from './support/person.ts'
import { openStage } from './support/stage.ts'
import { strangers } from './support/strangers.ts'
import { testGroup } from './support/test-group.ts'
import { ANSWER, IDENTITY, OFFER, RETRY } from '../src/messages.ts'

const group = namedGroup('ffdhe2048')

/** What bob tells whoever calls him. */
const answers = new Map([
  [HELLO.type, 256],
  [ERROR.type, 1024],
  [RETRY.type, 8192],
  [ANSWER.type, 8192],
  [IDENTITY.type, 193],
])

/** Calls, says all that at once and ends; what was answered until the other side ended as well. */
async function call(address: Address, pieces: readonly Uint8Array[]): Promise<Message[]> {
  const socket = await dial(address)
  const answered: Message[] = []
  const decoder = frameDecoder(answers)
  const over = new Promise<void>(resolve => socket.once('close', resolve))
  socket.on('data', (chunk: Buffer) => decoder.push(chunk, message => answered.push(message)))
  socket.on('error', () => socket.destroy())
  for (const piece of pieces) socket.write(piece)
  socket.end()
  await withDeadline(over, stretched(5_000), 'the end of the call')
  return answered
}

const hello = encodeFrame(HELLO.message({ protocol: 'peer-dh/1' }))
const hex = (value: bigint) => value.toString(16).padStart(2 * group.bytes, '0')
const fields = { groups: ['ffdhe2048'], group: 'ffdhe2048', public: hex(4n), nonce: '00'.repeat(32) }
const offer = (changes: Partial<typeof fields> = {}) => encodeFrame(OFFER.message({ ...fields, ...changes }))
const frame = (type: number, body: Uint8Array) => encodeFrame({ type, body })
const other = { groups: ['ffdhe3072', 'ffdhe2048'], group: 'ffdhe3072' }
const error = encodeFrame(errorMessage(new ChatError('bad-message', 'what is that?')))

const hostile: readonly (readonly [what: string, said: readonly Uint8Array[], code: string])[] = [
  ['nothing', [], 'cut'],
  ['another protocol', [Buffer.from('GET / HTTP/1.1\r\nHost: bob\r\n\r\n')], 'wrong-protocol'],
  ['a hello of another rung', [encodeFrame(HELLO.message({ protocol: 'peer-basic/1' }))], 'wrong-protocol'],
  ['half a hello', [hello.subarray(0, 12)], 'cut'],
  ['a hello and no more', [hello], 'cut'],
  ['hello twice', [hello, hello], 'handshake-failed'],
  ['a frame without a type', [hello, Buffer.alloc(5)], 'handshake-failed'],
  ['a frame of 4 GiB', [hello, Buffer.from([0xff, 0xff, 0xff, 0xff, OFFER.type])], 'handshake-failed'],
  ['an offer that is no JSON', [hello, frame(OFFER.type, Buffer.from('{'))], 'handshake-failed'],
  ['an offer without groups', [hello, offer({ groups: [] })], 'handshake-failed'],
  ['an offer of unknown groups', [hello, offer({ groups: ['ffdhe512'], group: 'ffdhe512' })], 'no-common-group'],
  ['an offer that lists its group twice', [hello, offer({ groups: ['ffdhe2048', 'ffdhe2048'] })], 'handshake-failed'],
  ['an offer in a group that it does not list', [hello, offer({ group: 'ffdhe3072' })], 'handshake-failed'],
  ['the same offer again after RETRY', [hello, offer(other), offer(other)], 'handshake-failed'],
  [
    'an offer with its own numbers',
    [hello, encodeFrame(jsonMessage(OFFER.type, { p: '17', g: '2' }))],
    'handshake-failed',
  ],
  ['an identity before an offer', [hello, frame(IDENTITY.type, randomBytes(193))], 'handshake-failed'],
  ['a record before an offer', [hello, frame(RECORD.type, randomBytes(128))], 'handshake-failed'],
  ['a goodbye before an offer', [hello, frame(GOODBYE.type, new Uint8Array())], 'handshake-failed'],
  ['an offer and no more', [hello, offer()], 'cut'],
  ['a forged identity', [hello, offer(), frame(IDENTITY.type, randomBytes(193))], 'handshake-failed'],
  ['an error before a hello', [error], 'bad-message'],
  ['an error before an offer', [hello, error], 'handshake-failed'],
  ['an error after RETRY', [hello, offer(other), error], 'handshake-failed'],
  ['an error before an identity', [hello, offer(), error], 'handshake-failed'],
  ['an error that makes no sense', [hello, frame(ERROR.type, Buffer.from('{}'))], 'handshake-failed'],
]

describe('a caller who says', () => {
  let victim: Person
  let friend: Person

  beforeAll(async () => {
    const home = temporaryFolder()
    const start = (identity: typeof bob, locate: () => Address) => {
      mkdirSync(join(home, identity.name))
      const peers = knownPeers(home, identity.name)
      return startPerson(identity.name, dhUpgrade({ identity, knownPeers: peers, groups: [group] }), locate)
    }
    victim = await start(bob, () => friend.address)
    friend = await start(alice, () => victim.address)
  })

  afterAll(() => Promise.all([victim.stop(), friend.stop()]))

  /** Calls bob; what was answered, and what bob made of it. Then a friend calls, and gets through. */
  async function callBob(said: readonly Uint8Array[]) {
    const before = victim.failures.length
    const answered = await call(victim.address, said)
    await victim.until(() => victim.failures.length > before)
    expect(await friend.engine.call('bob')).toBe(true)
    await friend.engine.leave('bob')
    return { answered, codes: victim.failures.slice(before).map(({ code }) => code) }
  }

  test.each(hostile)('%s fails alone', async (_, said, code) => {
    const { answered, codes } = await callBob(said)
    expect(codes).toEqual([code])
    // The fifth byte of a frame is its type. An ERROR is not answered with another one, and somebody who left hears none.
    const hearsWhy = code !== 'cut' && said.at(-1)?.[4] !== ERROR.type
    expect(answered.some(({ type }) => type === ERROR.type)).toBe(hearsWhy)
  })

  test.each([
    ['0', 0n],
    ['1', 1n],
    ['p - 1', group.p - 1n],
    ['p', group.p],
    ['p + 1', group.p + 1n],
    ['p - 2, which is no square', group.p - 2n],
  ])('the public value %s is refused, not told why, and gets nothing that depends on it', async (_, value) => {
    const { answered, codes } = await callBob([hello, offer({ public: hex(value) })])
    expect(codes).toEqual(['bad-public-value'])
    // It was checked before anything was computed.
    expect(answered.map(({ type }) => type)).toEqual([HELLO.type, ERROR.type])
    const told = answered.find(({ type }) => type === ERROR.type) ?? expect.fail('bob said nothing')
    expect(readError(told.body).error).toMatchObject({ code: 'bad-message', message: 'the other side says: refused' })
  })
})

describe('a caller inside the records who sends', () => {
  const call = jsonMessage(CALL.type, { conversation: '0'.repeat(32) })

  test.each<[what: string, said: readonly Message[], code: string]>([
    ['a text out of order', [call, TEXT.message({ id: 7n, text: 'hello' })], 'bad-message'],
    ['a call that is no JSON', [{ type: CALL.type, body: Buffer.from('{') }], 'bad-message'],
    ['a second call', [call, call], 'unexpected-message'],
    ['a receipt before the call', [RECEIPT.message({ id: 1n })], 'unexpected-message'],
  ])('%s hears why inside a record, and a goodbye', async (_, said, code) => {
    const upgradeOf = (identity: typeof bob) => dhUpgrade({ identity, knownPeers: strangers, groups: [testGroup] })
    const victim = await startPerson('bob', upgradeOf(bob), () => expect.fail('bob calls nobody'))
    try {
      const socket = await dial(victim.address)
      const { channel } = await establish(socket, { role: 'initiator', upgrade: upgradeOf(mallory), expected: 'bob' })
      for (const message of said) void channel.send(message)
      const heard: string[] = []
      for (let message = await channel.receive(); message !== null; message = await channel.receive()) {
        if (message.type === ERROR.type) heard.push(readError(message.body).error.code)
      }
      expect(heard).toEqual([code])
      await channel.close()
    } finally {
      await victim.stop()
    }
  })
})

const bobsHello = HELLO.message({ protocol: 'peer-dh/1' })

test.each([
  ['a hello', [], [HELLO.type]],
  ['an answer', [bobsHello], [HELLO.type, OFFER.type]],
  ['an identity', [bobsHello, ANSWER.message(fields)], [HELLO.type, OFFER.type]],
])('who calls and hears an error in place of %s says nothing more', async (_, said, before) => {
  const heard: number[] = []
  const end = deferred()
  const address = await impostor(async ({ say, next, socket }) => {
    say(...said, errorMessage(new ChatError('declined', 'not you')))
    for (let message = await next(); message !== null; message = await next()) heard.push(message.type)
    end.resolve()
    socket.destroy()
  })
  const upgrade = dhUpgrade({ identity: alice, knownPeers: strangers, groups: [group] })
  const called = establish(await dial(address), { role: 'initiator', upgrade, expected: 'bob' })
  await expect(called).rejects.toMatchObject({ message: expect.stringContaining('not you') })
  await end.promise
  expect(heard).toEqual(before)
})

test('who is turned away because others hold all places takes it for no attack, tries again, and gets through', async () => {
  const stage = await openStage('dh-chat')
  const idle = await Promise.all(
    Array.from({ length: PLACES_OF_NETWORK }, async () => {
      const socket = await dial(stage.bob.listen)
      socket.write(hello)
      await new Promise(resolve => socket.once('data', resolve))
      return socket
    }),
  )
  stage.alice.say('/chat bob')
  expect(await stage.alice.next('retry')).toMatchObject({ peer: 'bob', code: 'too-many' })
  for (const socket of idle) socket.destroy()
  expect(await stage.alice.next('open')).toMatchObject({ peer: 'bob' })
})

test('a real client goes on after all of them, and tells of the first ones that did more than leave', async () => {
  const stage = await openStage('dh-chat')
  for (const [, said] of hostile) await call(stage.bob.listen, said)
  await stage.callAgain()
  const told = stage.bob.events.flatMap(event => (event.event === 'error' ? [event.code] : []))
  const news = hostile.map(([, , code]) => code).filter(code => code !== 'cut')
  expect(told).toEqual(news.slice(0, 3))
  expect(stage.bob.events.map(({ event }) => event)).toContain('message')
})
