import { MAC_BYTES, mac } from './mac.ts'
import { wipe } from './wipe.ts'

/** RFC 5869, section 2.3: the block number is one byte. */
const MOST_BLOCKS = 255

const encoder = new TextEncoder()

/**
 * HKDF-Extract with SHA-256 (RFC 5869, section 2.2): turns key material that is secret but not uniform, such as a
 * Diffie-Hellman value, into a uniform key.
 *
 * @param salt any length, need not be secret; empty counts as 32 zero bytes
 * @param material the input key material, any length
 * @returns 32 bytes
 */
export function hkdfExtract(salt: Uint8Array, material: Uint8Array): Uint8Array {
  return mac(salt, material)
}

/**
 * HKDF-Expand with SHA-256 (RFC 5869, section 2.3): derives independent keys from one secret, one for each `info`.
 *
 * @param secret a uniform key of at least 32 bytes, such as what hkdfExtract returns
 * @param info what the result is for; different purposes must not share it
 * @param length bytes wanted, 0 to 8,160
 * @throws {RangeError} when the length is out of range
 */
export function hkdfExpand(secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (!(Number.isInteger(length) && length >= 0 && length <= MOST_BLOCKS * MAC_BYTES)) {
    throw new RangeError(`length must be 0 to ${MOST_BLOCKS * MAC_BYTES} bytes, got ${length}`)
  }
  const output = new Uint8Array(length)
  let block: Uint8Array = new Uint8Array()
  for (let at = 0; at < length; at += MAC_BYTES) {
    const next = mac(secret, block, info, Uint8Array.of(at / MAC_BYTES + 1))
    output.set(next.subarray(0, length - at), at)
    wipe(block)
    block = next
  }
  wipe(block)
  return output
}

/**
 * Expands a secret for the purpose that the label names, such as `p2p-secure-chat peer-aes/1 record mac`. The info is
 * the label as UTF-8 and nothing else.
 *
 * @throws {RangeError} as hkdfExpand
 */
export function expandLabel(secret: Uint8Array, label: string, length: number): Uint8Array {
  return hkdfExpand(secret, encoder.encode(label), length)
}
