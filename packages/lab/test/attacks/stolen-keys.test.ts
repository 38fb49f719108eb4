import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { bigintFromBytes, bigintToBytes } from '@p2p-secure-chat/core/dh/integers'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { publicKeyToBytes } from '@p2p-secure-chat/dh-chat/identity/ed25519-key'
import { expect, test } from 'vitest'
import { numbersIn, secretsFrom } from '../../src/attacks/people/stolen-keys.ts'

/** What DER puts in front of the 32 bytes of an Ed25519 and of an X25519 private key (RFC 8410, section 7). */
const ED25519 = '302e020100300506032b657004220420'
const X25519 = '302e020100300506032b656e04220420'

/** The field of both curves (RFC 7748, section 4.1). */
const P = 2n ** 255n - 19n

const privateKey = (header: string, bytes: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([Buffer.from(header, 'hex'), bytes]), format: 'der', type: 'pkcs8' })

const littleEndian = (bytes: Uint8Array) => bigintFromBytes(Uint8Array.from(bytes).toReversed())

test('the numbers of a key are its seed, and the scalar that its public half is a multiple by', () => {
  const { privateKey: key } = generateKeyPairSync('ed25519')
  const [seed, scalar] = numbersIn(key)
  const again = privateKey(ED25519, bigintToBytes(seed, 32))
  expect(publicKeyToBytes(again)).toEqual(publicKeyToBytes(key))

  // The same scalar on the same curve in its other form: u = (1 + y) / (1 - y) (RFC 7748, section 4.1).
  const y = BigInt.asUintN(255, littleEndian(publicKeyToBytes(key)))
  const onX25519 = createPublicKey(privateKey(X25519, bigintToBytes(scalar, 32).toReversed()))
  const u = littleEndian(onX25519.export({ format: 'der', type: 'spki' }).subarray(-32))
  expect((u * (P + 1n - y)) % P).toBe((1n + y) % P)
})

test('a conversation whose exponent was a stolen key of either side is among the secrets', () => {
  const keys = {
    dialler: generateKeyPairSync('ed25519').privateKey,
    listener: generateKeyPairSync('ed25519').privateKey,
  }
  const group = namedGroup('ffdhe2048')
  const value = (exponent: bigint) => modPow(group.g, exponent, group.p)
  const other = value(12_345n)
  for (const side of ['dialler', 'listener'] as const) {
    for (const exponent of numbersIn(keys[side])) {
      const publicValues = { dialler: other, listener: other, [side]: value(exponent) }
      const shared = bigintToBytes(modPow(other, exponent, group.p), group.bytes)
      const secrets = secretsFrom({ group: group.name, publicValues }, keys)
      expect(secrets.filter(secret => Buffer.from(secret).equals(shared))).toHaveLength(1)
    }
  }
})
