import { BLOCK_BYTES, cbcDecryptor } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { MAC_BYTES, sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { nextEpoch, startEpoch, wipeEpoch } from './epoch.ts'
import { takeKeyUpdate } from './key-update.ts'
import { LARGEST_PLAINTEXT, readPlaintext, SMALLEST_PLAINTEXT } from './record-plaintext.ts'
import { type Direction, recordTag } from './record-tag.ts'

/** Sizes of a record's body in bytes: IV, ciphertext, tag. */
const SMALLEST_RECORD = BLOCK_BYTES + SMALLEST_PLAINTEXT + MAC_BYTES
export const LARGEST_RECORD = BLOCK_BYTES + LARGEST_PLAINTEXT + MAC_BYTES

/** Opens the records of one direction, in order. */
export interface RecordOpener {
  /** Returns the batch; null when the record is refused, for whatever reason. Nothing may be opened after that. */
  open(body: Uint8Array): Uint8Array | null
  /** Zeroes all keys. Once; opening afterwards throws. */
  wipe(): void
}

/**
 * The other side of recordSealer. The tag is checked before anything is decrypted, so what padding and structure are
 * like is only ever asked about records of the authenticated peer.
 *
 * @param secret 32 bytes; they belong to the opener from here on
 * @param direction who seals what is opened here
 */
export function recordOpener(secret: Uint8Array, direction: Direction): RecordOpener {
  let epoch = startEpoch(secret, cbcDecryptor)
  let sequence = 0n

  return {
    open(body) {
      if (body.length < SMALLEST_RECORD || body.length > LARGEST_RECORD || body.length % BLOCK_BYTES !== 0) return null
      const sealed = body.subarray(0, -MAC_BYTES)
      const tag = body.subarray(-MAC_BYTES)
      if (!sameBytes(tag, recordTag(epoch.macKey, sequence, direction, sealed))) return null
      sequence += 1n

      const batch = readPlaintext(epoch.cipher.decrypt(sealed))
      const received = batch === null ? null : takeKeyUpdate(batch)
      if (received === null) return null
      if (received.update) epoch = nextEpoch(epoch, cbcDecryptor)
      return received.frames
    },
    wipe: () => wipeEpoch(epoch),
  }
}
