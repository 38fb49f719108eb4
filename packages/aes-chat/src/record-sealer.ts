import { cbcEncryptor } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { MAC_BYTES } from '@p2p-secure-chat/core/cipher/mac'
import type { RandomSource } from '@p2p-secure-chat/core/cipher/random-pool'
import { nextEpoch, startEpoch, wipeEpoch } from './epoch.ts'
import { KEY_UPDATE_FRAME } from './key-update.ts'
import { LARGEST_BUCKET, LENGTH_BYTES, plaintextParts } from './record-plaintext.ts'
import { type Direction, recordTag } from './record-tag.ts'

/** Largest batch of one record in bytes; a key update always finds room behind it. */
export const RECORD_CAPACITY = LARGEST_BUCKET - LENGTH_BYTES - KEY_UPDATE_FRAME.length

/**
 * Batch bytes after which a secret is replaced (256 MiB). Two ciphertext blocks of CBC under one key are equal by
 * chance after about 2^64 blocks; this is 2^24, so the update is for forward secrecy and not a day too late for that.
 */
const UPDATE_AFTER_BYTES = 2 ** 28

export interface RecordSealerOptions {
  /** 32 bytes; they belong to the sealer from here on. */
  readonly secret: Uint8Array
  readonly direction: Direction
  /** Records after which a secret is replaced, at least 1. */
  readonly updateAfter: number
  readonly random: RandomSource
}

/** Seals the records of one direction, in order. */
export interface RecordSealer {
  /** @throws {RangeError} when the batch is empty or larger than RECORD_CAPACITY */
  seal(batch: Uint8Array): Uint8Array
  /** Zeroes all keys. Once; sealing afterwards throws. */
  wipe(): void
}

/** Encrypt-then-MAC, with key updates of its own accord (docs/protocol.md, Records and Key update). */
export function recordSealer({ secret, direction, updateAfter, random }: RecordSealerOptions): RecordSealer {
  const cipherOf = (key: Uint8Array) => cbcEncryptor(key, random)
  let epoch = startEpoch(secret, cipherOf)
  let epochRecords = 0
  let epochBytes = 0
  let sequence = 0n

  return {
    seal(batch) {
      if (batch.length === 0 || batch.length > RECORD_CAPACITY) {
        throw new RangeError(`batch must be 1 to ${RECORD_CAPACITY} bytes, got ${batch.length}`)
      }
      epochRecords += 1
      epochBytes += batch.length
      const update = epochRecords >= updateAfter || epochBytes >= UPDATE_AFTER_BYTES

      const parts = update ? plaintextParts(batch, KEY_UPDATE_FRAME) : plaintextParts(batch)
      const body = epoch.cipher.encrypt(parts, MAC_BYTES)
      const sealed = body.subarray(0, -MAC_BYTES)
      body.set(recordTag(epoch.macKey, sequence, direction, sealed), sealed.length)

      // Never reset, not even by a key update: a record belongs to one place in the whole connection.
      sequence += 1n
      if (update) {
        epoch = nextEpoch(epoch, cipherOf)
        epochRecords = 0
        epochBytes = 0
      }
      return body
    },
    wipe: () => wipeEpoch(epoch),
  }
}
