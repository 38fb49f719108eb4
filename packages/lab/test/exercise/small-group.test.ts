import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { millerRabin } from '@p2p-secure-chat/core/dh/primality'
import { smallGroup } from '../../src/exercise/conversations/textbook-conversation.ts'
import { variantOf } from '../../src/exercise/variant.ts'

/** How many different powers a number has. */
function orderOf(g: number, p: number): number {
  let order = 1
  for (let power = g; power !== 1; power = (power * g) % p) order += 1
  return order
}

test('a small group has a safe prime of five digits, and each number but 0 is one power of its generator', () => {
  assert(
    property(string(), seed => {
      const { p, g } = smallGroup(variantOf('test', seed))
      expect(String(p)).toMatch(/^\d{5}$/)
      expect([p, p >> 1n].map(n => millerRabin(n, 20))).toEqual([true, true])
      expect(orderOf(Number(g), Number(p))).toBe(Number(p) - 1)
    }),
  )
})

test('most variants have another prime', () => {
  const primes = Array.from({ length: 100 }, (_, i) => smallGroup(variantOf('test', String(i))).p)
  expect(new Set(primes).size).toBeGreaterThan(70)
})
