import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomBytes, randomPool } from '../../src/cipher/random-pool.ts'

/** A pool filled with 1, 2, 3, ... and what it was asked to fill. */
function countingPool() {
  const filled: Uint8Array[] = []
  let next = 0
  const source = randomPool(buffer => {
    filled.push(buffer)
    for (let i = 0; i < buffer.length; i++) buffer[i] = (next++ % 255) + 1
  })
  return { source, filled }
}

test('each request gets as many bytes as it asks for, and never the same ones twice', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5_000), { maxLength: 20 }), sizes => {
      const owners = new Set<ArrayBufferLike>()
      const seen = new Set<string>()
      const source = randomPool()
      for (const size of sizes) {
        const bytes = source(size)
        expect(bytes).toHaveLength(size)
        owners.add(bytes.buffer)
        if (size >= 16) seen.add(Buffer.from(bytes).toString('hex'))
      }
      expect(owners.size).toBe(sizes.length)
      expect(seen.size).toBe(sizes.filter(size => size >= 16).length)
    }),
    { numRuns: 30 },
  )
})

test('what is handed out is wiped from the pool', () => {
  const { source, filled } = countingPool()
  expect(source(16)).toEqual(Uint8Array.from({ length: 16 }, (_, i) => i + 1))
  const [pool] = filled
  expect(pool?.subarray(0, 16)).toEqual(new Uint8Array(16))
  expect(pool?.[16]).toBe(17)
})

test('many small requests cost one call, and a fresh one when the pool is empty', () => {
  const { source, filled } = countingPool()
  for (let i = 0; i < 256; i++) source(16)
  expect(filled).toHaveLength(1)
  expect(source(16)).not.toEqual(new Uint8Array(16))
  expect(filled).toHaveLength(2)
})

test('a request larger than the pool is served whole', () => {
  const bytes = countingPool().source(10_000)
  expect(bytes).toHaveLength(10_000)
  expect(bytes.every(byte => byte !== 0)).toBe(true)
})

test.each([-1, 1.5, NaN])('%d bytes is a programming mistake', bytes => {
  expect(() => randomBytes(bytes)).toThrow(RangeError)
})
