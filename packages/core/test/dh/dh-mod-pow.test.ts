import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bitLength, trailingZeros, bigintFromBytes, bigintToBytes } from '../../src/dh/integers.ts'
import { fixedBase, modPow } from '../../src/dh/mod-pow.ts'
import { namedGroup } from '../../src/dh/groups.ts'

const natural = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n })

/** One multiplication for each unit of the exponent: too slow to be useful, too short to be wrong. */
function naive(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus
  for (let i = 0n; i < exponent; i += 1n) result = (result * base) % modulus
  return ((result % modulus) + modulus) % modulus
}

test('modPow multiplies as often as the exponent says', () => {
  fc.assert(
    fc.property(fc.bigInt(-1000n, 1000n), fc.bigInt(0n, 300n), fc.bigInt(1n, 1000n), (base, exponent, modulus) => {
      expect(modPow(base, exponent, modulus)).toBe(naive(base, exponent, modulus))
    }),
    { numRuns: 500 },
  )
})

test('modPow turns sums of exponents into products, at any size', () => {
  const odd = natural(600).map(n => 2n * n + 1n)
  fc.assert(
    fc.property(natural(600), natural(400), natural(400), odd, (base, a, b, n) => {
      expect(modPow(base, a + b, n)).toBe((modPow(base, a, n) * modPow(base, b, n)) % n)
      expect(modPow(base, a * b, n)).toBe(modPow(modPow(base, a, n), b, n))
    }),
  )
})

test('modPow has its corners', () => {
  expect(modPow(0n, 0n, 7n)).toBe(1n)
  expect(modPow(5n, 0n, 1n)).toBe(0n)
  expect(modPow(-2n, 3n, 11n)).toBe(3n)
  expect(() => modPow(2n, -1n, 7n)).toThrow(RangeError)
  expect(() => modPow(2n, 5n, 0n)).toThrow(RangeError)
})

test('fixedBase equals modPow for every exponent that it takes', () => {
  const { p } = namedGroup('modp14')
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      natural(64),
      fc.infiniteStream(natural(300)),
      (bits, base, stream) => {
        const power = fixedBase(base, p, bits)
        const longest = (1n << BigInt(bits)) - 1n
        const exponents = [0n, 1n, longest, ...[...stream.take(3)].map(exponent => exponent & longest)]
        for (const exponent of exponents) expect(power(exponent)).toBe(modPow(base, exponent, p))
      },
    ),
    { numRuns: 20 },
  )
})

test('fixedBase refuses an exponent that its table does not cover', () => {
  const power = fixedBase(2n, 23n, 4)
  expect(power(15n)).toBe(modPow(2n, 15n, 23n))
  expect(() => power(16n)).toThrow(RangeError)
  expect(() => power(-1n)).toThrow(RangeError)
})

test('integers and bytes are two ways to write the same', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      expect(bigintToBytes(bigintFromBytes(bytes), bytes.length)).toEqual(bytes)
    }),
  )
  expect(bigintFromBytes(Uint8Array.of(9, 1, 2).subarray(1))).toBe(258n)
  expect(bigintToBytes(258n, 4)).toEqual(Uint8Array.of(0, 0, 1, 2))
  expect(() => bigintToBytes(256n, 1)).toThrow(RangeError)
  expect(() => bigintToBytes(-1n, 1)).toThrow(RangeError)
})

test('bits are counted from both ends', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), natural(200), (shift, n) => {
      const odd = 2n * n + 1n
      expect(trailingZeros(odd << BigInt(shift))).toBe(shift)
      expect(bitLength(odd << BigInt(shift))).toBe(odd.toString(2).length + shift)
    }),
  )
  expect(bitLength(0n)).toBe(0)
})
