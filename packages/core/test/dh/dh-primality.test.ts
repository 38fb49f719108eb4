import { checkPrimeSync } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jacobi } from '../../src/dh/jacobi.ts'
import { isStrongProbablePrime, millerRabin, byMillerRabin, byOpenSsl } from '../../src/dh/primality.ts'
import { modPow } from '../../src/dh/mod-pow.ts'
import { randomBetween } from '../../src/dh/integers.ts'
import { primesBelow } from '../../src/dh/sieve.ts'
import { wycheproof } from '../support/wycheproof.ts'

const oddPrimes = [...primesBelow(2000).subarray(1)].map(BigInt)

test('the Jacobi symbol of a prime is what Euler says: a^((p-1)/2)', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 80n), 2n ** 80n), fc.constantFrom(...oddPrimes), (a, p) => {
      const euler = modPow(a, (p - 1n) / 2n, p)
      expect(jacobi(a, p)).toBe(euler === p - 1n ? -1 : Number(euler))
    }),
    { numRuns: 1000 },
  )
})

test('the Jacobi symbol multiplies above and below', () => {
  const number = fc.bigInt(0n, 2n ** 300n)
  const odd = number.map(n => 2n * n + 1n)
  fc.assert(
    fc.property(number, number, odd, odd, (a, b, m, n) => {
      expect(jacobi(a * b, n)).toBe(jacobi(a, n) * jacobi(b, n) || 0)
      expect(jacobi(a, m * n)).toBe(jacobi(a, m) * jacobi(a, n) || 0)
    }),
  )
})

test('there is no Jacobi symbol below an even or negative number', () => {
  for (const n of [0n, 8n, -7n]) expect(() => jacobi(3n, n)).toThrow(RangeError)
})

test('Miller-Rabin finds the primes below 2,000 and no others', () => {
  const found = Array.from({ length: 2000 }, (_, n) => n).filter(n => millerRabin(BigInt(n), 32))
  expect(found).toEqual([...primesBelow(2000)])
  expect([...primesBelow(2000)].filter(n => !checkPrimeSync(BigInt(n)))).toEqual([])
})

test('a base may be deceived, the next one tells', () => {
  // 2047 = 23 * 89 is the smallest number that deceives base 2.
  expect(isStrongProbablePrime(2047n, 2n)).toBe(true)
  expect(isStrongProbablePrime(2047n, 3n)).toBe(false)
  // With a random source that only ever gives base 2 the whole test is deceived: the bases must be unpredictable.
  const always2 = (bytes: number) => new Uint8Array(bytes)
  expect(millerRabin(2047n, 64, always2)).toBe(true)
  expect(millerRabin(2047n, 64)).toBe(false)
})

test('a test without a round is a programming mistake', () => {
  expect(() => millerRabin(7n, 0)).toThrow(RangeError)
  expect(() => millerRabin(7n, Number.NaN)).toThrow(RangeError)
})

interface PrimalityCase {
  readonly tcId: number
  readonly value: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}

const cases = wycheproof<PrimalityCase>('primality_test.json')

test.skipIf(cases.length === 0)('the Wycheproof numbers, made to deceive, deceive neither test', async () => {
  expect(cases.length).toBeGreaterThan(300)
  for (const { tcId, value, result } of cases) {
    // Two's complement. `acceptable` are the negatives of primes, which are no primes for us.
    const n = BigInt.asIntN(4 * value.length, BigInt(`0x${value}`))
    // A prime passes any number of rounds, so a few will do to see it pass.
    const rounds = result === 'valid' ? 4 : 40
    expect([tcId, await byMillerRabin(n, rounds)]).toEqual([tcId, result === 'valid'])
    // OpenSSL takes 64 bases or more for a prime, which would be most of the time of this test.
    if (result === 'invalid' && n >= 0n) expect([tcId, await byOpenSsl(n, rounds)]).toEqual([tcId, false])
  }
})

test('random integers fill their range and stay in it', () => {
  const seen = new Set(Array.from({ length: 500 }, () => randomBetween(-2n, 2n)))
  expect([...seen].sort((a, b) => Number(a - b))).toEqual([-2n, -1n, 0n, 1n, 2n])
  expect(randomBetween(5n, 5n)).toBe(5n)
  expect(() => randomBetween(5n, 4n)).toThrow(RangeError)
})

test('a draw above the range is drawn again, not folded into it', () => {
  // Three bits for 0 to 4: 7 and 6 do not fit, 3 does.
  const draws = [0xff, 0x06, 0x03]
  expect(randomBetween(10n, 14n, () => Uint8Array.of(draws.shift() ?? 0))).toBe(13n)
})
