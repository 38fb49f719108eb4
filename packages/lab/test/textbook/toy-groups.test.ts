import { jacobi } from '@p2p-secure-chat/core/dh/jacobi'
import { millerRabin } from '@p2p-secure-chat/core/dh/primality'
import { groupNames } from '@p2p-secure-chat/core/dh/groups'
import { expect, test } from 'vitest'
import { toyGroupNamed, toyGroups } from '../../src/textbook/toy-exchange.ts'

const isSafePrime = (p: bigint) => millerRabin(p, 1) && millerRabin((p - 1n) / 2n, 20) && millerRabin(p, 20)

test.each(toyGroups.map(group => [group.name, group] as const))(
  '%s is the largest safe prime of its size with p = 7 modulo 8',
  (name, { p, q, g, bits, bytes, exponentBits }) => {
    expect(name).toBe(`toy${bits}`)
    expect(isSafePrime(p)).toBe(true)
    expect(p % 8n).toBe(7n)
    for (let larger = p + 8n; larger < 1n << BigInt(bits); larger += 8n) expect(isSafePrime(larger)).toBe(false)
    expect([q, g, jacobi(g, p)]).toEqual([(p - 1n) / 2n, 2n, 1])
    expect([bytes, exponentBits]).toEqual([bits / 8, bits - 1])
  },
)

test('no client knows them, and another name is no toy', () => {
  expect(toyGroups.filter(({ name }) => groupNames.includes(name))).toEqual([])
  expect(() => toyGroupNamed('ffdhe2048')).toThrow(expect.objectContaining({ code: 'unknown-group' }))
})
