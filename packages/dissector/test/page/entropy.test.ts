import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { entropyOf, expectedEntropy } from '../../src/page/entropy.ts'

/** Bytes without a pattern, the same in every run. */
function noise(size: number, seed: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, block) =>
    createHash('sha256').update(`${seed} ${block}`).digest(),
  )
  return Buffer.concat(blocks).subarray(0, size)
}

test('equal bytes have none, all values alike have eight bits', () => {
  expect(entropyOf(new Uint8Array(0))).toBe(0)
  expect(entropyOf(new Uint8Array(1_000))).toBe(0)
  expect(entropyOf(Uint8Array.from({ length: 512 }, (_, index) => index & 0xff))).toBe(8)
  expect(entropyOf(Uint8Array.of(1, 1, 2, 3))).toBe(1.5)
})

test('few bytes cannot show much', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), bytes => {
      const bits = entropyOf(bytes)
      expect(bits).toBeGreaterThanOrEqual(0)
      expect(bits).toBeLessThanOrEqual(Math.min(8, Math.log2(bytes.length)) + 1e-9)
    }),
  )
})

test.each([1, 2, 16, 64, 256, 1_024, 16_384])('the expectation for %i bytes is the mean of many trials', size => {
  const trials = 400
  let sum = 0
  for (let seed = 0; seed < trials; seed += 1) sum += entropyOf(noise(size, seed))
  expect(expectedEntropy(size)).toBeCloseTo(sum / trials, 1)
})

test('two bytes differ 255 times in 256, and then show one bit', () => {
  expect(expectedEntropy(1)).toBe(0)
  expect(expectedEntropy(2)).toBeCloseTo(255 / 256, 12)
})

test('it grows with the size, up to eight', () => {
  let last = 0
  for (let size = 2; size <= 100_000; size = Math.ceil(size * 1.3)) {
    const bits = expectedEntropy(size)
    expect(bits).toBeGreaterThan(last)
    last = bits
  }
  expect(last).toBeLessThan(8)
  expect(() => expectedEntropy(0)).toThrow(RangeError)
  expect(() => expectedEntropy(100_001)).toThrow(RangeError)
})
