import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { fingerprint } from '@p2p-secure-chat/dh-chat/identity/ed25519-key'
import { safetyNumber } from '@p2p-secure-chat/dh-chat/identity/safety-number'
import { describe, expect, test } from 'vitest'
import { alice, bob } from '../../../dh-chat/test/support/people.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'
import type { SeenFrame } from '../../src/dissect/observation.ts'
import { handshakes, talkOf } from '../support/secure-conversation.ts'
import { dissect, eventsOf, findingsOf, framesOf, type Said, summariesOf, valuesOf } from '../support/streams.ts'

const named = (frames: readonly SeenFrame[], name: string) => frames.filter(frame => frame.name === name)

describe.each(handshakes)('$name', vector => {
  const talk = talkOf(vector)
  const retry = vector.frames.length === 9

  test('with the key log every identity and the confirmation open', () => {
    const frames = framesOf(dissect(eventsOf(talk.handshake), talk.keys()))
    const [ofBob, ofAlice] = named(frames, 'IDENTITY')
    for (const [frame, person, role] of [
      [ofBob, bob, 'responder'],
      [ofAlice, alice, 'initiator'],
    ] as const) {
      const plaintext = Buffer.from(vector.identity[role].plaintext, 'hex')
      expect(valuesOf(frame?.fields ?? [], 'identity.tag_status')).toEqual(['good'])
      expect(Buffer.from(frame?.plaintext?.bytes ?? [])).toEqual(plaintext)
      expect(frame?.plaintext?.fields).toEqual([
        { name: 'name', value: person.name, place: { at: 1, length: person.name.length } },
        { name: 'identity.key', value: vector.identities[role].key, place: { at: 33, length: 32 } },
        { name: 'identity.signature', value: vector.identity[role].signature, place: { at: 65, length: 64 } },
        { name: 'identity.mac', value: vector.identity[role].mac, place: { at: 129, length: 32 } },
        { name: 'identity.mac_status', value: 'good', place: null },
        { name: 'fingerprint', value: fingerprint(person.key), place: null },
      ])
      expect(frame?.findings).toEqual([])
      expect(frame?.summary).toBe(`IDENTITY of ${person.name}, key ${person.fingerprint}`)
    }
    const [confirm] = named(frames, 'CONFIRM')
    expect(confirm?.fields.slice(3)).toEqual([
      { name: 'confirm.mac', value: vector.confirm, place: { at: 5, length: 32 } },
      { name: 'confirm.status', value: 'good', place: null },
      { name: 'safety_number', value: safetyNumber(alice, bob), place: null },
    ])
  })

  test('without it they stay sealed, and nothing else is said against them', () => {
    const seen = dissect(eventsOf(talk.handshake))
    expect(findingsOf(seen)).toEqual([...(retry ? ['retry'] : []), 'no-key', 'no-key', 'no-key'])
    expect(summariesOf(seen).slice(-3)).toEqual(['IDENTITY sealed', 'IDENTITY sealed', 'CONFIRM not checked'])
    expect(named(framesOf(seen), 'IDENTITY').map(({ plaintext }) => plaintext)).toEqual([null, null])
  })

  test('the OFFER tells the group and its size, and RETRY and ANSWER what they answer', () => {
    const frames = framesOf(dissect(eventsOf(talk.handshake)))
    const offers = named(frames, 'OFFER')
    expect(offers.flatMap(({ fields }) => valuesOf(fields, 'dh.bits'))).toEqual(
      offers.map(({ fields }) => (valuesOf(fields, 'dh.group')[0] === 'ffdhe3072' ? '3072' : '2048')),
    )
    const answered = (name: string) => named(frames, name).flatMap(({ fields }) => valuesOf(fields, 'response_to'))
    expect(answered('RETRY')).toEqual(retry ? ['3'] : [])
    expect(answered('ANSWER')).toEqual(retry ? ['5'] : ['3'])
    expect(named(frames, 'ANSWER')[0]?.summary).toBe(
      `ANSWER ${vector.group.name}, ${namedGroup(vector.group.name).bits} bits`,
    )
  })

  /** What is found when one frame is altered on the path; the key log has what the clients saw before. */
  function altered(index: number, at: number): string[] {
    const said = talk.handshake.map((one, i): Said => {
      if (i !== index) return one
      const bytes = Uint8Array.from(one.bytes)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      return { ...one, bytes }
    })
    return findingsOf(dissect(eventsOf(said), talk.keys())).filter(code => code !== 'retry')
  }
  const [ofBob, ofAlice, confirm] = [-3, -2, -1].map(back => vector.frames.length + back)

  test.each([
    ['ciphertext', 20],
    ['tag', 180],
  ])('a bit of the %s of an identity is flipped', (_, at) => {
    // Alice has signed what bob sent, which is not what stands here.
    expect(altered(ofBob ?? 0, at)).toEqual(['bad-identity', 'bad-identity', 'no-key'])
    expect(altered(ofAlice ?? 0, at)).toEqual(['bad-identity', 'no-key'])
  })

  test('a bit of the confirmation is flipped', () => {
    expect(altered(confirm ?? 0, 20)).toEqual(['bad-confirm'])
  })

  test('a bit of the nonce of the OFFER is flipped: no line of the key log fits any more', () => {
    const at = Buffer.from(talk.handshake[2]?.bytes ?? []).indexOf('"nonce":"') + 9
    expect(altered(2, at)).toEqual(['no-key', 'no-key', 'no-key'])
  })
})

const [vector] = handshakes
if (vector === undefined) throw new Error('there are handshakes')

test('with the session secret alone the confirmation holds, and nobody knows who they are', () => {
  const keys = secretsOf()
  keys.add(`P2PC_SESSION_SECRET ${vector.T3.hash} ${vector.sessionSecret}`)
  const seen = dissect(eventsOf(talkOf(vector).handshake), keys)
  expect(summariesOf(seen).slice(-3)).toEqual([
    'IDENTITY sealed',
    'IDENTITY sealed',
    'CONFIRM both sides have the same keys',
  ])
})

test('a secret that is not the one of this handshake opens nothing', () => {
  const keys = secretsOf()
  const wrong = 'ab'.repeat(32)
  keys.add(`P2PC_HANDSHAKE_SECRET ${vector.T1.hash} ${wrong}\nP2PC_SESSION_SECRET ${vector.T3.hash} ${wrong}`)
  const seen = dissect(eventsOf(talkOf(vector).handshake), keys)
  expect(findingsOf(seen)).toEqual(['bad-identity', 'bad-identity', 'bad-confirm'])
})
