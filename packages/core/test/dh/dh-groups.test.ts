import { execFileSync } from 'node:child_process'
import { createHash, getDiffieHellman } from 'node:crypto'
import { expect, test } from 'vitest'
import { bigintToBytes } from '../../src/dh/integers.ts'
import { parseGroupPem } from '../../src/dh/group-pem.ts'
import { describeGroup, groupNames, namedGroup, scaledE, scaledPi } from '../../src/dh/groups.ts'
import { jacobi } from '../../src/dh/jacobi.ts'
import { byOpenSsl } from '../../src/dh/primality.ts'
import { hasTool } from '../support/tools.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** SHA-256 of each prime of RFC 7919, big-endian. */
const FFDHE = {
  ffdhe2048: '9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966',
  ffdhe3072: '0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17',
  ffdhe4096: '4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e',
  ffdhe6144: '227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7',
  ffdhe8192: '770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833',
}

test.each(Object.entries(FFDHE))('%s is the prime of RFC 7919', (name, hash) => {
  const { p, g, bytes } = namedGroup(name)
  expect(sha256(bigintToBytes(p, bytes))).toBe(hash)
  expect(g).toBe(2n)
})

test.skipIf(!hasTool('openssl')).each(Object.keys(FFDHE))('%s is what OpenSSL has under that name', name => {
  const args = ['genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', `group:${name}`]
  const { p, g } = namedGroup(name)
  expect(parseGroupPem(execFileSync('openssl', args, { encoding: 'latin1' }))).toEqual({ p, g })
})

test.each(['modp14', 'modp15', 'modp16', 'modp17', 'modp18'])('%s is what Node has under that name', name => {
  const { p, g, bytes } = namedGroup(name)
  const theirs = getDiffieHellman(name)
  expect(Buffer.from(bigintToBytes(p, bytes)).equals(theirs.getPrime())).toBe(true)
  expect(g).toBe(BigInt(`0x${theirs.getGenerator('hex')}`))
})

test.each([
  ['ffdhe2048', 2048, 225],
  ['ffdhe3072', 3072, 275],
  ['ffdhe4096', 4096, 325],
  ['ffdhe6144', 6144, 375],
  ['ffdhe8192', 8192, 400],
  ['modp14', 2048, 225],
  ['modp15', 3072, 275],
  ['modp16', 4096, 325],
  ['modp17', 6144, 375],
  ['modp18', 8192, 400],
])('%s has %i bits and exponents of %i bits; 2 generates the subgroup of order q', (name, bits, exponentBits) => {
  const group = namedGroup(name)
  expect(group).toMatchObject({ name, g: 2n, bits, bytes: bits / 8, exponentBits })
  expect(2n * group.q + 1n).toBe(group.p)
  expect(group.p.toString(2)).toHaveLength(bits)
  expect(jacobi(group.g, group.p)).toBe(1)
})

test('every named group has the generator 2', () => {
  expect(groupNames.map(name => namedGroup(name).g)).toEqual(groupNames.map(() => 2n))
})

test('the smallest groups are safe primes indeed', async () => {
  for (const name of ['ffdhe2048', 'modp14']) {
    const { p, q } = namedGroup(name)
    expect([await byOpenSsl(p, 64), await byOpenSsl(q, 64)]).toEqual([true, true])
  }
})

test('pi and e are right to the last bit, wherever they are cut', () => {
  expect(scaledPi(48)).toBe(BigInt(Math.floor(Math.PI * 2 ** 48)))
  expect(scaledE(48)).toBe(BigInt(Math.floor(Math.E * 2 ** 48)))
  for (const scaled of [scaledPi, scaledE]) {
    const long = scaled(9000)
    for (let bits = 0; bits < 9000; bits += 700) expect(scaled(bits)).toBe(long >> BigInt(9000 - bits))
  }
})

test('an exponent length rounds up to the next size of the table', () => {
  const exponentBits = (bits: number) => describeGroup('made up', 1n << BigInt(bits - 1), 2n).exponentBits
  expect([2048, 2049, 3072, 3073, 5000, 8191].map(exponentBits)).toEqual([225, 275, 275, 325, 375, 400])
  expect(() => exponentBits(8193)).toThrow(RangeError)
})

test('a group is made once and can not be altered', () => {
  expect(namedGroup('ffdhe2048')).toBe(namedGroup('ffdhe2048'))
  expect(Object.isFrozen(namedGroup('ffdhe2048'))).toBe(true)
})

test('an unknown name is refused with the names there are', () => {
  for (const name of ['modp1', 'FFDHE2048', '', 'toString']) {
    expect(() => namedGroup(name)).toThrow(expect.objectContaining({ code: 'unknown-group' }))
  }
  expect(() => namedGroup('modp1')).toThrow(groupNames.join(', '))
})
