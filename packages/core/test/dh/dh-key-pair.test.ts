import { createDiffieHellman, getDiffieHellman } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bigintFromBytes, bigintToBytes } from '../../src/dh/integers.ts'
import { checkGroup } from '../../src/dh/group-check.ts'
import { namedGroup } from '../../src/dh/groups.ts'
import {
  checkPublicValue,
  generateKeyPair,
  publicValueFromBytes,
  publicValueToBytes,
  sharedSecret,
} from '../../src/dh/key-pair.ts'
import { modPow } from '../../src/dh/mod-pow.ts'
import { byOpenSsl } from '../../src/dh/primality.ts'

const group = namedGroup('ffdhe2048')
const { p, q } = group

test.each(['modp14', 'modp15', 'modp16'])('%s: Node arrives at the same secret', name => {
  const ours = namedGroup(name)
  for (let run = 0; run < 3; run += 1) {
    const node = getDiffieHellman(name)
    const theirPublic = bigintFromBytes(node.generateKeys())
    const { privateKey, publicKey } = generateKeyPair(ours)
    const secret = node.computeSecret(publicValueToBytes(ours, publicKey))
    expect(Buffer.from(sharedSecret(ours, privateKey, theirPublic)).equals(secret)).toBe(true)
  }
})

test('Node computes the same public key from our exponent', () => {
  const node = createDiffieHellman(Buffer.from(p.toString(16), 'hex'), 2)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 29, maxLength: 29 }), bytes => {
      const { privateKey, publicKey } = generateKeyPair(group, () => bytes)
      node.setPrivateKey(bigintToBytes(privateKey, 29))
      node.generateKeys()
      expect(publicKey).toBe(BigInt(`0x${node.getPublicKey('hex')}`))
    }),
    { numRuns: 10 },
  )
})

test('both sides arrive at the same secret, in a group from a file as well', async () => {
  for (const each of [group, await checkGroup({ p, g: 9n }, byOpenSsl)]) {
    const [alice, bob] = [generateKeyPair(each), generateKeyPair(each)]
    expect(alice.publicKey).toBe(modPow(each.g, alice.privateKey, p))
    const secret = sharedSecret(each, alice.privateKey, bob.publicKey)
    expect(sharedSecret(each, bob.privateKey, alice.publicKey)).toEqual(secret)
    expect(secret).toHaveLength(256)
  }
})

test('an exponent has exactly the bits that the group asks for, and is fresh', () => {
  for (const name of ['ffdhe2048', 'ffdhe3072', 'ffdhe4096']) {
    const each = namedGroup(name)
    const keys = Array.from({ length: 8 }, () => generateKeyPair(each).privateKey)
    expect(keys.map(key => key.toString(2).length)).toEqual(keys.map(() => each.exponentBits))
    expect(new Set(keys).size).toBe(8)
  }
  expect(generateKeyPair(group, bytes => new Uint8Array(bytes)).privateKey).toBe(2n ** 224n)
  expect(generateKeyPair(group, bytes => new Uint8Array(bytes).fill(255)).privateKey).toBe(2n ** 225n - 1n)
})

test('a secret keeps its leading zeros', () => {
  const { privateKey } = generateKeyPair(group)
  // The public value whose secret is 4: its exponent undoes ours modulo q.
  const peer = modPow(4n, modPow(privateKey, q - 2n, q), p)
  const secret = sharedSecret(group, privateKey, peer)
  expect(secret).toEqual(Uint8Array.from({ length: 256 }, (_, i) => (i === 255 ? 4 : 0)))
})

test.each<[name: string, value: bigint, reason: string]>([
  ['-1', -1n, 'below 2'],
  ['0', 0n, 'below 2'],
  ['1', 1n, 'below 2'],
  ['p - 1', p - 1n, 'above p - 2'],
  ['p', p, 'above p - 2'],
  ['p + 1', p + 1n, 'above p - 2'],
  // A square modulo p and out of range: node:crypto computes a secret from it.
  ['p + 2', p + 2n, 'above p - 2'],
  ['a value outside the subgroup', p - 4n, 'subgroup'],
  ['p - 2, outside the subgroup', p - 2n, 'subgroup'],
])('the public value %s is refused, before our exponent touches it', (_, value, reason) => {
  const attempts = [() => checkPublicValue(group, value)]
  if (value >= 0n && value < 2n ** 2048n) {
    attempts.push(() => publicValueFromBytes(group, bigintToBytes(value, group.bytes)))
  }
  for (const attempt of attempts) {
    expect(attempt).toThrow(expect.objectContaining({ code: 'bad-public-value' }))
    expect(attempt).toThrow(reason)
  }
})

test('the smallest and the largest square are taken', () => {
  // p = 7 modulo 8, so 2 is a square, and -1 is none: the largest square is p - n for the smallest n that is none.
  const largest = [3n, 5n, 7n, 11n, 13n].map(n => p - n).find(y => modPow(y, q, p) === 1n)
  expect(() => checkPublicValue(group, 2n)).not.toThrow()
  expect(() => checkPublicValue(group, largest ?? 0n)).not.toThrow()
})

test('exactly the subgroup is taken', () => {
  fc.assert(
    fc.property(fc.bigInt(2n, p - 2n), y => {
      const member = modPow(y, q, p) === 1n
      if (member) expect(() => checkPublicValue(group, y)).not.toThrow()
      else expect(() => checkPublicValue(group, y)).toThrow(expect.objectContaining({ code: 'bad-public-value' }))
    }),
    { numRuns: 20 },
  )
})

test('a public value crosses the wire in the length of the group, and in no other', () => {
  expect(publicValueToBytes(group, 2n)).toHaveLength(256)
  expect(publicValueFromBytes(group, publicValueToBytes(group, 2n))).toBe(2n)
  for (const length of [0, 255, 257]) {
    const wrong = new Uint8Array(length).fill(1)
    expect(() => publicValueFromBytes(group, wrong)).toThrow(expect.objectContaining({ code: 'bad-public-value' }))
  }
})
