import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { MAC_BYTES } from '@p2p-secure-chat/core/cipher/mac'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'

/**
 * How a text is hidden: under the key stream of the dh rung, in the buckets of the aes rung (docs/protocol.md, Records),
 * or filled up to whole blocks, as the textbook does.
 */
export type Hiding = 'keystream' | 'buckets' | 'blocks'

/** Bytes that a text may have, in UTF-8. */
export interface Lengths {
  readonly least: number
  readonly most: number
}

/** Frame header of a record. */
export const RECORD_HEADER = HEADER_BYTES

/** Header and id of a TEXT. */
const TEXT_OVERHEAD = HEADER_BYTES + 8

/** Frame header, IV, a block of PKCS#7 and the tag: what a record of the aes rung adds to its bucket. */
const AES_OVERHEAD = RECORD_HEADER + 2 * BLOCK_BYTES + MAC_BYTES

/** u32 n in front of a batch in a bucket. */
const BATCH_OVERHEAD = 4

const FIRST_BUCKET = 64
const LAST_DOUBLED_BUCKET = 1_024

/** The bucket of a record of the aes rung, from the bytes of its whole frame. */
export const bucketOf = (size: number): number => size - AES_OVERHEAD

/**
 * What everybody on the path can tell of the length of a text from the size of what carries it alone.
 *
 * @param size bytes of the whole frame, or of the textbook's segment
 * @returns null where no text can have that size
 */
export function lengthsTold(hiding: Hiding, size: number): Lengths | null {
  const { least, most } = RANGES[hiding](size)
  return most < 0 || most < least ? null : { least: Math.max(0, least), most }
}

const RANGES: Readonly<Record<Hiding, (size: number) => Lengths>> = {
  keystream(size) {
    const length = size - RECORD_HEADER - TEXT_OVERHEAD
    return { least: length, most: length }
  },
  buckets(size) {
    const bucket = bucketOf(size)
    const smaller =
      bucket <= FIRST_BUCKET ? 0 : bucket <= LAST_DOUBLED_BUCKET ? bucket / 2 : bucket - LAST_DOUBLED_BUCKET
    const overhead = BATCH_OVERHEAD + TEXT_OVERHEAD
    return { least: smaller + 1 - overhead, most: bucket - overhead }
  },
  // One IV in front, and 1 to 16 bytes of PKCS#7 behind.
  blocks: size => ({ least: size - 2 * BLOCK_BYTES, most: size - BLOCK_BYTES - 1 }),
}
