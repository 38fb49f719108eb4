import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { sameBytes } from '@p2p-secure-chat/core/cipher/mac'

/** Bytes of the u32 batch length in front of the batch. */
export const LENGTH_BYTES = 4

/**
 * Sizes of a record's plaintext before PKCS#7, in bytes: powers of two for what people type, so that an observer cannot
 * tell yes from no, then steps of 1 KiB, where the waste is small against the content.
 */
export const SMALLEST_BUCKET = 64
export const BUCKET_STEP = 1_024
export const LARGEST_BUCKET = 65_536

/** Plaintext sizes with PKCS#7, which adds a whole block, since buckets are whole blocks. */
export const SMALLEST_PLAINTEXT = SMALLEST_BUCKET + BLOCK_BYTES
export const LARGEST_PLAINTEXT = LARGEST_BUCKET + BLOCK_BYTES

/** The longest padding there is. All padding of a record is the end of this: zeros, then PKCS#7. */
const PADDING = new Uint8Array(BUCKET_STEP + BLOCK_BYTES).fill(BLOCK_BYTES, BUCKET_STEP)

function bucketFor(content: number): number {
  if (content > BUCKET_STEP) return Math.ceil(content / BUCKET_STEP) * BUCKET_STEP
  let bucket = SMALLEST_BUCKET
  while (bucket < content) bucket *= 2
  return bucket
}

function paddingFor(content: number): Uint8Array {
  return PADDING.subarray(PADDING.length - (bucketFor(content) + BLOCK_BYTES - content))
}

/**
 * Lays out `u32 batch length | batch | zeros up to a bucket | PKCS#7` (docs/protocol.md, Records).
 *
 * @param frames the pieces of the batch, at most 65,532 bytes together
 * @returns the plaintext in parts, whole blocks together
 */
export function plaintextParts(...frames: readonly Uint8Array[]): Uint8Array[] {
  const batchLength = frames.reduce((sum, frame) => sum + frame.length, 0)
  const length = new Uint8Array(LENGTH_BYTES)
  new DataView(length.buffer).setUint32(0, batchLength)
  return [length, ...frames, paddingFor(LENGTH_BYTES + batchLength)]
}

/**
 * Reads the batch back, strictly: there is exactly one plaintext for a batch, and any other is refused.
 *
 * @param plaintext at least 80 bytes
 * @returns a view of the batch; null when it is empty, the bucket is not the one for its length, or the padding differs
 */
export function readPlaintext(plaintext: Uint8Array): Uint8Array | null {
  const batchLength = new DataView(plaintext.buffer, plaintext.byteOffset).getUint32(0)
  const content = LENGTH_BYTES + batchLength
  if (batchLength === 0) return null
  // A batch that is said to go beyond the end leaves nothing for the padding, of which there is always some.
  return sameBytes(plaintext.subarray(content), paddingFor(content)) ? plaintext.subarray(LENGTH_BYTES, content) : null
}
