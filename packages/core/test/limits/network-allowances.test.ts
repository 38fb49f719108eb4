import { expect, test } from 'vitest'
import { networkRateLimits } from '../../src/limits/rate-limits.ts'
import { networksOf } from '../../src/net/networks.ts'

const at = (remoteAddress: string) => networksOf({ remoteAddress })
const EACH = { burst: 10, interval: 100 }
const still = () => 0

/** How many one after the other get something, from these addresses in turn. */
function taken(addresses: (i: number) => string, all?: { burst: number; interval: number }): number {
  const { take } = networkRateLimits(EACH, all, still)
  return Array.from({ length: 200 }, (_, i) => take(at(addresses(i)))).filter(Boolean).length
}

test.each([
  ['an IPv4 address', () => '192.0.2.1', 10],
  ['a /64', (i: number) => `2001:db8:1:200::${i}`, 10],
  ['a /56', (i: number) => `2001:db8:1:2${(i % 100).toString().padStart(2, '0')}::1`, 15],
  ['a /48', (i: number) => `2001:db8:1:${10 + (i % 90)}00::1`, 20],
  ['addresses that have nothing in common', (i: number) => `192.0.2.${i}`, 200],
])('%s', (_, addresses, count) => {
  expect(taken(addresses)).toBe(count)
})

test('all together have no more than there is for all', () => {
  expect(taken(i => `192.0.2.${i}`, { burst: 33, interval: 1 })).toBe(33)
})

test('a debt of one is not a debt of its neighbours, and passes', () => {
  let time = 0
  const { charge, wait, own } = networkRateLimits(EACH, undefined, () => time)
  charge(at('192.0.2.1'), 12)
  expect([own(at('192.0.2.1')), wait(at('192.0.2.2'))]).toEqual([-2, 0])
  const pause = wait(at('192.0.2.1'))
  expect(pause).toBeGreaterThan(200)
  time = pause
  expect(wait(at('192.0.2.1'))).toBe(0)
})
