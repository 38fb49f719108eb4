import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { encodeFrame, HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { KEY_UPDATE } from './messages.ts'

/** Bytes of the u32 batch length in front of the batch. */
export const LENGTH_BYTES = 4

/**
 * Sizes of a record's plaintext before PKCS#7, in bytes: powers of two for what people type, so that an observer cannot
 * tell yes from no, then steps of 1 KiB, where the waste is small compared with the content.
 */
export const SMALLEST_BUCKET = 64
export const BUCKET_STEP = 1_024
export const LARGEST_BUCKET = 65_536

/** Plaintext sizes with PKCS#7, which adds a whole block because buckets are whole blocks. */
export const SMALLEST_PLAINTEXT = SMALLEST_BUCKET + BLOCK_BYTES
export const LARGEST_PLAINTEXT = LARGEST_BUCKET + BLOCK_BYTES

/** The longest possible padding: zeros, then PKCS#7. The padding of every record is a suffix of it. */
const PADDING = new Uint8Array(BUCKET_STEP + BLOCK_BYTES).fill(BLOCK_BYTES, BUCKET_STEP)

/** As the last frame of a batch, it announces that the next record of this direction uses the next secret. */
export const KEY_UPDATE_FRAME = encodeFrame(KEY_UPDATE.message({}))

/**
 * Lays out `u32 batch length | batch | zeros up to a bucket | PKCS#7` (docs/protocol.md, Records on the aes rung).
 *
 * @param frames the pieces of the batch, at most 65,532 bytes in total
 * @returns the plaintext in parts that add up to whole blocks
 */
export function plaintextParts(...frames: readonly Uint8Array[]): Uint8Array[] {
  const batchLength = frames.reduce((sum, frame) => sum + frame.length, 0)
  const length = new Uint8Array(LENGTH_BYTES)
  new DataView(length.buffer).setUint32(0, batchLength)
  return [length, ...frames, paddingFor(LENGTH_BYTES + batchLength)]
}

/**
 * Reads the batch back, strictly: each batch has exactly one valid plaintext.
 *
 * @param plaintext at least 80 bytes
 * @returns a view of the batch; null when it is empty, the bucket does not fit its length, or the padding differs
 */
export function readPlaintext(plaintext: Uint8Array): Uint8Array | null {
  const batchLength = new DataView(plaintext.buffer, plaintext.byteOffset).getUint32(0)
  const content = LENGTH_BYTES + batchLength
  if (batchLength === 0) return null
  // A length beyond the end leaves no bytes for the padding, and padding is never empty.
  return sameBytes(plaintext.subarray(content), paddingFor(content)) ? plaintext.subarray(LENGTH_BYTES, content) : null
}

function paddingFor(content: number): Uint8Array {
  return PADDING.subarray(PADDING.length - (bucketFor(content) + BLOCK_BYTES - content))
}

function bucketFor(content: number): number {
  if (content > BUCKET_STEP) return Math.ceil(content / BUCKET_STEP) * BUCKET_STEP
  let bucket = SMALLEST_BUCKET
  while (bucket < content) bucket *= 2
  return bucket
}

/** A received batch, and whether it ended with a key update. */
export interface ReceivedBatch {
  /** The frames without the key update. */
  readonly frames: Uint8Array
  readonly update: boolean
}

/**
 * Walks the frames of a batch and removes a key update from its end. Looking at the end alone is not enough: a text may
 * end with the same five bytes.
 *
 * @returns null when the batch is not whole frames, or when a key update has a body, is not the last frame or is the only one
 */
export function takeKeyUpdate(batch: Uint8Array): ReceivedBatch | null {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  let at = 0
  while (at < batch.length) {
    if (batch.length - at < HEADER_BYTES) return null
    const length = view.getUint32(at)
    const end = at + HEADER_BYTES - 1 + length
    if (length === 0 || end > batch.length) return null
    if (view.getUint8(at + HEADER_BYTES - 1) === KEY_UPDATE.type) {
      const allowed = length === 1 && end === batch.length && at > 0
      return allowed ? { frames: batch.subarray(0, at), update: true } : null
    }
    at = end
  }
  return { frames: batch, update: false }
}
