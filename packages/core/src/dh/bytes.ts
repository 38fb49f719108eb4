import { bitLength } from './bits.ts'

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
