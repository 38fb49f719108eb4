import { randomBytes } from 'node:crypto'
import type { RandomSource } from '../cipher/random-pool.ts'

/** How many bits a non-negative integer needs; 0 needs none. */
export function bitLength(value: bigint): number {
  if (value === 0n) return 0
  const hex = value.toString(16)
  return 4 * (hex.length - 1) + (32 - Math.clz32(Number.parseInt(hex.charAt(0), 16)))
}

/** How often 2 divides a positive number. */
export function trailingZeros(value: bigint): number {
  let zeros = 0
  let low = Number(BigInt.asUintN(32, value))
  for (; low === 0; zeros += 32) low = Number(BigInt.asUintN(32, value >> BigInt(zeros + 32)))
  // low & -low leaves the lowest set bit alone.
  return zeros + 31 - Math.clz32(low & -low)
}

/**
 * Reads bytes as an unsigned big-endian integer; no bytes are 0.
 */
export function bigintFromBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`)
}

/**
 * Writes an integer as exactly `length` big-endian bytes, leading zeros included: what is hashed or put on the wire
 * must not tell how large the number happened to be.
 *
 * @throws {RangeError} when the value is negative or needs more bytes
 */
export function bigintToBytes(value: bigint, length: number): Uint8Array {
  if (value < 0n) throw new RangeError('value must not be negative')
  if (bitLength(value) > 8 * length) throw new RangeError(`value does not fit into ${length} bytes`)
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'))
}

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
