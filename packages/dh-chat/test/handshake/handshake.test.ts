import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { bigintToBytes } from '@p2p-secure-chat/core/dh/integers'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { describe, expect, test } from 'vitest'
import { channelPair } from '../../../core/test/support/channel-pair.ts'
import { alice, bob, mallory, person } from '../support/people.ts'
import { codeOf, codesOf, done, optionsFor, outcomeOf, type Run, runHandshake } from '../support/run-handshake.ts'
import { otherTestGroup, testGroup } from '../support/test-group.ts'
import { ANSWER, CONFIRM, IDENTITY, OFFER, RETRY } from '../../src/messages.ts'

const typesFrom = (run: Run, role: Role) =>
  run.sent.filter(({ from }) => from === role).map(({ message }) => message.type)

function json(message: Message): Record<string, unknown> {
  return JSON.parse(Buffer.from(message.body).toString())
}

/** Rewrites the JSON of one message on its way. */
const rewriting = (type: number, change: Record<string, unknown>) => (message: Message) =>
  message.type === type ? [jsonMessage(type, { ...json(message), ...change })] : [message]

function expectAgreement(run: Run): void {
  const [one, other] = [done(run.initiator), done(run.responder)]
  expect(one.secrets.send).toEqual(other.secrets.receive)
  expect(one.secrets.receive).toEqual(other.secrets.send)
  expect(one.secrets.send).not.toEqual(one.secrets.receive)
  expect(one.group.name).toBe(other.group.name)
}

describe('two who mean well', () => {
  test.each(['peer-dh/1', 'peer-aes/1'] as const)(
    'agree on %s, and each knows who the other one is',
    async protocol => {
      const run = await runHandshake({ protocol }, { protocol })
      expectAgreement(run)
      expect(done(run.initiator).peer).toEqual({ name: 'bob', key: bob.key })
      expect(done(run.responder).peer).toEqual({ name: 'alice', key: alice.key })
      expect(typesFrom(run, 'initiator')).toEqual([OFFER.type, IDENTITY.type])
      expect(typesFrom(run, 'responder')).toEqual([ANSWER.type, IDENTITY.type, CONFIRM.type])
    },
  )

  test.each(['ffdhe2048', 'ffdhe3072', 'modp14'])('in a real group, %s', async name => {
    const groups = [namedGroup(name)]
    expectAgreement(await runHandshake({ groups }, { groups }))
  })

  test('never have the same secrets twice', async () => {
    const secrets = await Promise.all([runHandshake(), runHandshake(), runHandshake()])
    const sent = secrets.flatMap(run => Object.values(done(run.initiator).secrets))
    expect(new Set(sent.map(secret => Buffer.from(secret).toString('hex'))).size).toBe(6)
  })

  test('with the longest and the shortest name look the same to whoever listens', async () => {
    const sizes = async (name: string) => {
      const run = await runHandshake({ expected: name }, { identity: person(name) })
      expect(codesOf(run)).toEqual({ initiator: 'done', responder: 'done' })
      return run.sent.map(({ message }) => message.body.length)
    }
    expect(await sizes('b')).toEqual(await sizes('b'.repeat(32)))
  })

  test('show neither a name nor a key', async () => {
    const { sent } = await runHandshake()
    const wire = Buffer.concat(sent.map(({ message }) => message.body))
    for (const { name, key, fingerprint } of [alice, bob]) {
      for (const secret of [name, Buffer.from(key), fingerprint, Buffer.from(key).toString('hex')]) {
        expect(wire.includes(secret)).toBe(false)
      }
    }
  })

  test('show their secrets to a key log that was asked for, and wipe them afterwards', async () => {
    const shown: { kind: string; secret: Uint8Array; copy: string }[] = []
    const run = await runHandshake({
      onSecret: (kind, _, secret) => shown.push({ kind, secret, copy: Buffer.from(secret).toString('hex') }),
    })
    expectAgreement(run)
    expect(shown.map(({ kind }) => kind)).toEqual(['handshake', 'session'])
    expect(shown.every(({ secret }) => secret.every(byte => byte === 0))).toBe(true)
    expect(shown.every(({ copy }) => /[1-9a-f]/.test(copy))).toBe(true)
    expect(done(run.initiator).secrets.send.some(byte => byte !== 0)).toBe(true)
  })
})

describe('choosing a group', () => {
  test('the responder asks once for the first group of its own list that both have', async () => {
    const run = await runHandshake({ groups: [testGroup, otherTestGroup] }, { groups: [otherTestGroup, testGroup] })
    expectAgreement(run)
    expect(done(run.initiator).group.name).toBe('other256')
    expect(typesFrom(run, 'initiator')).toEqual([OFFER.type, OFFER.type, IDENTITY.type])
    expect(typesFrom(run, 'responder')).toEqual([RETRY.type, ANSWER.type, IDENTITY.type, CONFIRM.type])
    const [first, second] = run.sent
      .filter(({ message }) => message.type === OFFER.type)
      .map(({ message }) => json(message))
    expect(second).toEqual({ ...first, group: 'other256', public: expect.any(String) })
    expect(second?.['public']).not.toBe(first?.['public'])
  })

  test('what nobody has in common is refused', async () => {
    const run = await runHandshake({ groups: [testGroup] }, { groups: [otherTestGroup] })
    expect(codesOf(run)).toEqual({ initiator: 'no-common-group', responder: 'no-common-group' })
    expect(typesFrom(run, 'initiator')).toEqual([OFFER.type])
    expect(typesFrom(run, 'responder')).toEqual([ERROR.type])
  })

  test.each([
    ['a second time', [{ group: 'other256' }, { group: 'test256' }]],
    ['for the group that was offered', [{ group: 'test256' }]],
    ['for a group that was never offered', [{ group: 'ffdhe2048' }]],
  ])('a RETRY %s is refused', async (_, retries) => {
    const [one, other] = channelPair()
    const outcome = outcomeOf(one, optionsFor('initiator', { groups: [testGroup, otherTestGroup] }))
    for (const retry of retries) {
      expect(await other.receive()).toMatchObject({ type: OFFER.type })
      await other.send(jsonMessage(RETRY.type, retry))
    }
    expect(codeOf(await outcome)).toBe('handshake-failed')
  })

  test.each([
    ['another list', { groups: ['other256'] }],
    ['another order', { groups: ['other256', 'test256'] }],
    ['another nonce', { nonce: '00'.repeat(32) }],
    ['the old group', { group: 'test256' }],
  ])('a second OFFER with %s is refused', async (_, change) => {
    let offers = 0
    const run = await runHandshake(
      { groups: [testGroup, otherTestGroup] },
      { groups: [otherTestGroup, testGroup] },
      message => {
        if (message.type !== OFFER.type) return [message]
        offers += 1
        return offers === 2 ? [jsonMessage(OFFER.type, { ...json(message), ...change })] : [message]
      },
    )
    expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'handshake-failed' })
    expect(typesFrom(run, 'responder')).toEqual([RETRY.type, ERROR.type])
  })

  test('whoever takes the strong groups out of the offer is found out', async () => {
    const groups = [testGroup, otherTestGroup]
    const weaken = (message: Message) =>
      message.type === OFFER.type ? [jsonMessage(OFFER.type, { ...json(message), groups: ['test256'] })] : [message]
    const run = await runHandshake({ groups }, { groups: groups.toReversed() }, weaken)
    expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'handshake-failed' })
  })

  test('an answer in another group than the offer is refused as such', async () => {
    const groups = [testGroup, otherTestGroup]
    const run = await runHandshake({ groups }, { groups }, rewriting(ANSWER.type, { group: 'other256' }))
    expect(run.initiator).toMatchObject({ code: 'handshake-failed', cause: { code: 'bad-message' } })
  })

  test.each([
    ['no group', []],
    ['seventeen groups', Array.from({ length: 17 }, (_, i) => ({ ...testGroup, name: `test${i}` }))],
    ['a group twice', [testGroup, otherTestGroup, testGroup]],
  ])('to offer %s is a programming mistake', async (_, groups) => {
    const [one] = channelPair()
    await expect(outcomeOf(one, optionsFor('initiator', { groups }))).rejects.toThrow(RangeError)
  })
})

describe('public values', () => {
  const { p, bytes } = testGroup
  const hex = (value: bigint) => Buffer.from(bigintToBytes(value, bytes)).toString('hex')
  // 2 generates the squares of this group, and -1 is none: so p - 2 is none either.
  const bad: [string, string, string][] = [
    ['0', hex(0n), 'bad-public-value'],
    ['1', hex(1n), 'bad-public-value'],
    ['p - 1', hex(p - 1n), 'bad-public-value'],
    ['p', hex(p), 'bad-public-value'],
    ['p + 1', hex(p + 1n), 'bad-public-value'],
    ['a value that is no square', hex(p - 2n), 'bad-public-value'],
    ['one byte too few', hex(4n).slice(2), 'bad-public-value'],
    ['a leading zero too many', `00${hex(4n)}`, 'bad-public-value'],
    ['upper case', hex(0xabcdefn).toUpperCase(), 'handshake-failed'],
    ['half a byte', hex(4n).slice(1), 'handshake-failed'],
    ['nothing', '', 'handshake-failed'],
    ['a sign', `-${hex(4n).slice(1)}`, 'handshake-failed'],
  ]

  test.each(bad)('%s is refused by the responder', async (_, value, code) => {
    const run = await runHandshake({}, {}, rewriting(OFFER.type, { public: value }))
    expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: code })
    expect(typesFrom(run, 'responder')).not.toContain(IDENTITY.type)
  })

  test.each(bad)('%s is refused by the initiator', async (_, value, code) => {
    const run = await runHandshake({}, {}, rewriting(ANSWER.type, { public: value }))
    expect(codesOf(run)).toEqual({ initiator: code, responder: 'handshake-failed' })
    expect(typesFrom(run, 'initiator')).not.toContain(IDENTITY.type)
  })
})

describe('who it is', () => {
  test('somebody else than who was called is told nothing about the caller', async () => {
    const run = await runHandshake({ expected: 'carol' })
    expect(codesOf(run)).toEqual({ initiator: 'wrong-peer', responder: 'handshake-failed' })
    expect(typesFrom(run, 'initiator')).toEqual([OFFER.type, ERROR.type])
  })

  test.each(['key-changed', 'bad-known-peers', 'unreadable'] as const)(
    'an initiator that meets %s sends no identity, and the error stays what it is',
    async code => {
      const run = await runHandshake({ trust: () => Promise.reject(new ChatError(code, 'no')) })
      expect(codesOf(run)).toEqual({ initiator: code, responder: 'handshake-failed' })
      expect(typesFrom(run, 'initiator')).toEqual([OFFER.type, ERROR.type])
    },
  )

  test('a responder that distrusts the initiator does not confirm', async () => {
    const run = await runHandshake({}, { trust: () => Promise.reject(new ChatError('key-changed', 'no')) })
    expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'key-changed' })
    expect(typesFrom(run, 'responder')).toEqual([ANSWER.type, IDENTITY.type, ERROR.type])
  })

  test('each decides about what the other one proved', async () => {
    const judged: unknown[] = []
    const trust = async (peer: unknown) => void judged.push(peer)
    await runHandshake({ trust }, { trust })
    expect(judged).toEqual([
      { name: 'bob', key: bob.key },
      { name: 'alice', key: alice.key },
    ])
  })

  test('our own identity coming back is refused, whatever its name', async () => {
    const run = await runHandshake({}, { identity: person('bob', 'alice') })
    expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'handshake-failed' })
  })

  test('a key that one cannot sign with proves nothing', async () => {
    const run = await runHandshake({}, { identity: { ...mallory, name: 'bob', key: bob.key } })
    expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'handshake-failed' })
  })

  test.each([
    ['the identity point', '01'.padEnd(64, '0')],
    ['the identity point with a sign', `01${'00'.repeat(30)}80`],
    ['a point of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['1, written as p + 1', `ee${'ff'.repeat(30)}7f`],
    ['bytes that are no point', '02'.padEnd(64, '0')],
  ])('%s is no key: bad-key on either side', async (_, hex) => {
    const key = Uint8Array.from(Buffer.from(hex, 'hex'))
    // Under the identity point this signature fits every message: R is the identity point too, S is zero.
    const sign = () => Uint8Array.from({ length: 64 }, (_, i) => (i === 0 ? 1 : 0))
    const asResponder = await runHandshake({}, { identity: { ...bob, key, sign } })
    expect(codesOf(asResponder)).toEqual({ initiator: 'bad-key', responder: 'handshake-failed' })
    const asInitiator = await runHandshake({ identity: { ...alice, key, sign } })
    expect(codesOf(asInitiator)).toEqual({ initiator: 'handshake-failed', responder: 'bad-key' })
  })

  test.each([
    ['with upper case', 'Alice'],
    ['that is empty', ''],
    ['with a zero byte', 'ali\0ce'],
    ['that ends in a zero byte', 'alice\0'],
    ['outside ASCII', 'älice'],
    ['of 33 bytes', 'a'.repeat(33)],
  ])('a name %s is refused', async (_, name) => {
    const run = await runHandshake({ identity: { ...alice, name } })
    expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'handshake-failed' })
  })
})
