import { BUCKET_STEP, LENGTH_BYTES, SMALLEST_BUCKET } from '@p2p-secure-chat/aes-chat/record-plaintext'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { MAC_BYTES } from '@p2p-secure-chat/core/cipher/mac'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'

/**
 * What is put around a text on its way: it lies under the key stream of the dh rung, in the buckets of the aes rung (docs/protocol.md, Records),
 * or is filled up to whole blocks, as the textbook does.
 */
export type Framing = 'keystream' | 'buckets' | 'blocks'

/** Bytes that a text may have, in UTF-8. */
export interface Lengths {
  readonly least: number
  readonly most: number
}

/** Frame header of a record. */
export const RECORD_HEADER = HEADER_BYTES

/** Header and id of a TEXT. */
const TEXT_OVERHEAD = HEADER_BYTES + TEXT.headBytes

/** Frame header, IV, a block of PKCS#7 and the tag: what a record of the aes rung adds to its bucket. */
const AES_OVERHEAD = RECORD_HEADER + 2 * BLOCK_BYTES + MAC_BYTES

/** The bucket of a record of the aes rung, from the bytes of its whole frame. */
export const bucketOf = (size: number): number => size - AES_OVERHEAD

/**
 * What everybody on the path can tell of the length of a text from the size of what carries it alone.
 *
 * @param size bytes of the whole frame, or of the textbook's segment
 * @returns null where no text can have that size
 */
export function textLengthRange(framing: Framing, size: number): Lengths | null {
  const { least, most } = RANGES[framing](size)
  return most < 0 || most < least ? null : { least: Math.max(0, least), most }
}

const RANGES: Readonly<Record<Framing, (size: number) => Lengths>> = {
  keystream(size) {
    const length = size - RECORD_HEADER - TEXT_OVERHEAD
    return { least: length, most: length }
  },
  buckets(size) {
    const bucket = bucketOf(size)
    const smaller = bucket <= SMALLEST_BUCKET ? 0 : bucket <= BUCKET_STEP ? bucket / 2 : bucket - BUCKET_STEP
    const overhead = LENGTH_BYTES + TEXT_OVERHEAD
    return { least: smaller + 1 - overhead, most: bucket - overhead }
  },
  // One IV in front, and 1 to 16 bytes of PKCS#7 behind.
  blocks: size => ({ least: size - 2 * BLOCK_BYTES, most: size - BLOCK_BYTES - 1 }),
}
