import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { derInteger, derNull, derObjectIdentifier, derOctetString, derSequence } from '@p2p-secure-chat/core/dh/der'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encryptPrivateKey, MAX_ROUNDS, ROUNDS, roundsOf } from '../../src/identity/pbes2.ts'

/** One key as `openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter ROUNDS` encrypted it; bytes in hex. */
interface OpenSslVector {
  readonly name: string
  readonly passphrase: string
  readonly rounds: number
  readonly salt: string
  readonly iv: string
  readonly privateKey: string
  readonly encrypted: string
}

const vectors: readonly OpenSslVector[] = JSON.parse(
  readFileSync(new URL('../vectors/pbes2.json', import.meta.url), 'utf8'),
)
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const bytes = (text: string) => Uint8Array.from(Buffer.from(text))

const [first] = vectors
const privateKey = hex(first?.privateKey ?? '')

/** The private key that node finds, in DER. */
function opened(encrypted: Uint8Array, passphrase: Uint8Array): Uint8Array {
  const key = createPrivateKey({
    key: Buffer.from(encrypted),
    format: 'der',
    type: 'pkcs8',
    passphrase: Buffer.from(passphrase),
  })
  return Uint8Array.from(key.export({ format: 'der', type: 'pkcs8' }))
}

test.each(vectors)('$name: the bytes are those of OpenSSL', async vector => {
  const encrypted = await encryptPrivateKey(hex(vector.privateKey), bytes(vector.passphrase), {
    salt: hex(vector.salt),
    iv: hex(vector.iv),
    rounds: vector.rounds,
  })
  expect(Buffer.from(encrypted).toString('hex')).toBe(vector.encrypted)
  expect(roundsOf(encrypted)).toBe(vector.rounds)
})

test('a guess costs 600,000 rounds, and no two encryptions are the same', async () => {
  const [one, other] = await Promise.all([1, 2].map(() => encryptPrivateKey(privateKey, bytes('secret'))))
  expect(ROUNDS).toBe(600_000)
  expect(roundsOf(one ?? new Uint8Array())).toBe(600_000)
  expect(roundsOf(other ?? new Uint8Array())).toBe(600_000)
  expect(one).not.toEqual(other)
})

test('node opens every key with its passphrase, whatever the bytes, and with no other', async () => {
  const some = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  await fc.assert(
    fc.asyncProperty(
      some(32),
      fc.uint8Array({ minLength: 1, maxLength: 1024 }),
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      some(16),
      fc.integer({ min: 1, max: 300 }),
      async (seed, passphrase, salt, iv, rounds) => {
        const key = Uint8Array.from([...privateKey.subarray(0, 16), ...seed])
        const encrypted = await encryptPrivateKey(key, passphrase, { salt, iv, rounds })
        expect(opened(encrypted, passphrase)).toEqual(key)
        expect(roundsOf(encrypted)).toBe(rounds)
        // HMAC takes a short key and the same one with zeros behind it for the same, so another bit has to differ.
        const wrong = passphrase.map((byte, index) => (index === 0 ? byte ^ 1 : byte))
        expect(() => opened(encrypted, wrong)).toThrow()
      },
    ),
    { numRuns: 100 },
  )
})

const badIdentity = (reason: string) =>
  expect.objectContaining({ code: 'bad-identity', message: expect.stringContaining(reason) })
const id = derObjectIdentifier

/** EncryptedPrivateKeyInfo with another key derivation. */
function withKdf(kdf: string, ...parameters: Uint8Array[]): Uint8Array {
  const scheme = derSequence(id('2.16.840.1.101.3.4.1.42'), derOctetString(new Uint8Array(16)))
  const derivation = derSequence(id(kdf), derSequence(...parameters))
  const pbes2 = derSequence(id('1.2.840.113549.1.5.13'), derSequence(derivation, scheme))
  return derSequence(pbes2, derOctetString(new Uint8Array(64)))
}

const salt = derOctetString(new Uint8Array(8))
const withRounds = (rounds: number) => withKdf('1.2.840.113549.1.5.12', salt, derInteger(BigInt(rounds)))

test('rounds are counted before they are gone through', () => {
  expect(roundsOf(withRounds(1))).toBe(1)
  expect(roundsOf(withRounds(MAX_ROUNDS))).toBe(MAX_ROUNDS)
  expect(() => roundsOf(withRounds(0))).toThrow(badIdentity('with 0 rounds'))
  expect(() => roundsOf(withRounds(MAX_ROUNDS + 1))).toThrow(badIdentity('with 10000001 rounds'))
  expect(() => roundsOf(withKdf('1.2.840.113549.1.5.12', salt, derInteger(2n ** 900n)))).toThrow(
    badIdentity('with far too many rounds'),
  )
})

test.each([
  ['scrypt', withKdf('1.3.6.1.4.1.11591.4.11', salt, derInteger(16384n), derInteger(8n), derInteger(1n))],
  ['PBES1', derSequence(derSequence(id('1.2.840.113549.1.5.3'), derSequence(salt, derInteger(5n))), salt)],
  ['another kind of salt', withKdf('1.2.840.113549.1.5.12', derNull, derInteger(5n))],
  ['an unencrypted key', privateKey],
  ['nothing', new Uint8Array()],
])('%s is not taken', (_, der) => {
  expect(() => roundsOf(der)).toThrow(badIdentity(''))
})

test('a key that is cut off, or has other bytes, fails in no other way', () => {
  const whole = hex(first?.encrypted ?? '')
  for (let length = 0; length < whole.length; length += 1) {
    expect(() => roundsOf(whole.subarray(0, length))).toThrow(badIdentity(''))
  }
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (place, value) => {
      try {
        const rounds = roundsOf(whole.map((byte, index) => (index === place ? value : byte)))
        expect(rounds).toBeLessThanOrEqual(MAX_ROUNDS)
      } catch (error) {
        expect(error).toEqual(badIdentity(''))
      }
    }),
    { numRuns: 500 },
  )
})
