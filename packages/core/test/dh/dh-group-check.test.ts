import { createHash, generatePrimeSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkGroup } from '../../src/dh/group-check.ts'
import { encodeGroupDer } from '../../src/dh/group-pem.ts'
import { namedGroup } from '../../src/dh/groups.ts'
import { byMillerRabin, byOpenSsl, type PrimalityTest } from '../../src/dh/primality.ts'

const { p, q } = namedGroup('ffdhe2048')

/** For cases that must be refused before anything slow is done. */
const UNREACHED: PrimalityTest = () => Promise.reject(new Error('the cheap checks come first'))

test('a good group is taken and named by the hash of its DER', async () => {
  const hash = createHash('sha256')
    .update(encodeGroupDer({ p, g: 2n }))
    .digest('hex')
  expect(await checkGroup({ p, g: 2n }, byOpenSsl)).toEqual({ ...namedGroup('ffdhe2048'), name: `sha256:${hash}` })
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
})

test('any square is a generator of the subgroup', async () => {
  const group = await checkGroup({ p, g: 9n }, byOpenSsl)
  expect(group.g).toBe(9n)
  expect(group.name).not.toBe((await checkGroup({ p, g: 4n }, byOpenSsl)).name)
})

test('p and q are tested with 64 random bases each', async () => {
  const tested: [bigint, number][] = []
  await checkGroup({ p, g: 2n }, async (n, rounds) => tested.push([n, rounds]) > 0)
  expect(tested).toEqual([
    [p, 64],
    [q, 64],
  ])
})

test.each<[name: string, p: bigint, g: bigint, reason: string]>([
  ['0', 0n, 2n, '0 bits'],
  ['a toy', 23n, 2n, '5 bits'],
  ['1024 bits', 2n ** 1024n - 1n, 2n, '1024 bits'],
  ['2047 bits', 2n ** 2047n - 1n, 2n, '2047 bits, fewer than 2048'],
  ['8193 bits', 2n ** 8192n + 7n, 2n, '8193 bits, more than 8192'],
  ['an even p', p - 1n, 2n, 'even'],
  ['g = 0', p, 0n, 'between 2 and p - 2'],
  ['g = 1', p, 1n, 'between 2 and p - 2'],
  ['g = p - 1', p, p - 1n, 'between 2 and p - 2'],
  ['g = p', p, p, 'between 2 and p - 2'],
  ['g = p + 2', p, p + 2n, 'between 2 and p - 2'],
  ['a generator of the whole group', p, p - 2n, 'not a square'],
  ['a group as older OpenSSL makes them', p - (p % 24n) + 11n, 2n, 'older versions of OpenSSL'],
])('%s is refused at once', async (_, prime, g, reason) => {
  const checked = checkGroup({ p: prime, g }, UNREACHED)
  await expect(checked).rejects.toMatchObject({ code: 'weak-group' })
  await expect(checked).rejects.toThrow(reason)
})

test.each([
  ['ours', byMillerRabin],
  ["OpenSSL's", byOpenSsl],
])('a composite p is found by %s test', async (_, isPrime) => {
  const composite = p + 24n
  const checked = checkGroup({ p: composite, g: 4n }, isPrime)
  await expect(checked).rejects.toMatchObject({ code: 'weak-group' })
  await expect(checked).rejects.toThrow('p is not prime')
})

test('a prime p with a composite q is refused for its small subgroups', async () => {
  // p = 7 modulo 24 makes q = 3 modulo 12.
  const prime = generatePrimeSync(2048, { bigint: true, add: 24n, rem: 7n })
  const checked = checkGroup({ p: prime, g: 2n }, byOpenSsl)
  await expect(checked).rejects.toMatchObject({ code: 'weak-group' })
  await expect(checked).rejects.toThrow('(p - 1) / 2 is not prime')
})
