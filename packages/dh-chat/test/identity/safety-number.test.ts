import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprint } from '../../src/identity/ed25519-key.ts'
import type { ProvenPeer } from '../../src/identity/identity.ts'
import { safetyNumber } from '../../src/identity/safety-number.ts'
import { alice, bob, mallory, person } from '../support/people.ts'

const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const peer: fc.Arbitrary<ProvenPeer> = fc.record({ name: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,31}$/), key })

test('it is the same on both sides: twelve groups of five digits', () => {
  fc.assert(
    fc.property(peer, peer, (one, other) => {
      const number = safetyNumber(one, other)
      expect(number).toMatch(/^(?:\d{5} ){11}\d{5}$/)
      expect(safetyNumber(other, one)).toBe(number)
    }),
  )
})

test('another key or another name makes another number', () => {
  const others = [
    [alice, mallory],
    [alice, person('bob', 'mallory')],
    [alice, person('robert', 'bob')],
    [person('alicia', 'alice'), bob],
    [person('bob', 'alice'), person('alice', 'bob')],
  ] as const
  const numbers = [safetyNumber(alice, bob), ...others.map(([one, other]) => safetyNumber(one, other))]
  expect(new Set(numbers).size).toBe(numbers.length)
})

test('a fingerprint is the whole SHA-256 of the key in base64url', () => {
  expect(fingerprint(alice.key)).toBe(createHash('sha256').update(alice.key).digest('base64url'))
  expect(fingerprint(alice.key)).toHaveLength(43)
})
