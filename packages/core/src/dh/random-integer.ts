import { randomBytes } from 'node:crypto'
import { bitLength } from './bits.ts'
import { bigintFromBytes } from './bytes.ts'

/** Gives that many unpredictable bytes. Vectors and tests pass their own. */
export type RandomSource = (bytes: number) => Uint8Array

/** A uniformly random integer from 0 to 2^bits - 1. */
export function randomBits(bits: number, random: RandomSource = randomBytes): bigint {
  return BigInt.asUintN(bits, bigintFromBytes(random(Math.ceil(bits / 8))))
}

/**
 * A uniformly random integer from `low` to `high`, both included.
 *
 * @throws {RangeError} when there is no such integer
 */
export function randomBetween(low: bigint, high: bigint, random: RandomSource = randomBytes): bigint {
  if (high < low) throw new RangeError('high must not be below low')
  const span = high - low
  const bits = bitLength(span)
  // Drawing again is what keeps it uniform: a remainder would favour the small numbers. Half the draws fit at worst.
  for (;;) {
    const offset = randomBits(bits, random)
    if (offset <= span) return low + offset
  }
}
