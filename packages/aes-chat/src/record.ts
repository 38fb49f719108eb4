import { BLOCK_BYTES, cbcDecryptor, cbcEncryptor } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { MAC_BYTES, mac, sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import type { RandomSource } from '@p2p-secure-chat/core/cipher/random-pool'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { nextEpoch, startEpoch, wipeEpoch } from './epoch.ts'
import {
  KEY_UPDATE_FRAME,
  LARGEST_BUCKET,
  LARGEST_PLAINTEXT,
  LENGTH_BYTES,
  plaintextParts,
  readPlaintext,
  SMALLEST_PLAINTEXT,
  takeKeyUpdate,
} from './record-plaintext.ts'

/** The sender of a record: 0 the initiator, 1 the responder. */
export type DirectionByte = 0 | 1

/** Largest batch of one record in bytes; it leaves room for a key update at the end. */
export const RECORD_CAPACITY = LARGEST_BUCKET - LENGTH_BYTES - KEY_UPDATE_FRAME.length

/** Sizes of a record's body in bytes: IV, ciphertext, tag. */
const SMALLEST_RECORD = BLOCK_BYTES + SMALLEST_PLAINTEXT + MAC_BYTES
export const LARGEST_RECORD = BLOCK_BYTES + LARGEST_PLAINTEXT + MAC_BYTES

/** Bytes of u64 sequence number, u8 direction, u32 frame length and u8 frame type. */
const HEADER_BYTES = 14

/**
 * Batch bytes after which a secret is replaced (256 MiB). Under one key, two ciphertext blocks of CBC are equal by
 * chance after about 2^64 blocks. This limit is 2^24 blocks, so it serves forward secrecy and leaves a wide margin.
 */
const UPDATE_AFTER_BYTES = 2 ** 28

/**
 * The tag of a record: HMAC-SHA-256 over `u64 sequence number | u8 direction | u32 frame length | u8 frame type | IV |
 * ciphertext` (docs/protocol.md, Records on the aes rung). The sequence number exposes a replayed, missing or reordered
 * record, the direction one that is reflected to its sender, and the frame header one that is cut at another place.
 *
 * @param sealed IV || ciphertext
 * @returns 32 bytes
 */
export function recordTag(key: Uint8Array, sequence: bigint, direction: DirectionByte, sealed: Uint8Array): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeBigUInt64BE(sequence, 0)
  header.writeUInt8(direction, 8)
  header.writeUInt32BE(1 + sealed.length + MAC_BYTES, 9)
  header.writeUInt8(RECORD.type, 13)
  return mac(key, header, sealed)
}

/** Seals the records of one direction, in sequence. */
export interface RecordSealer {
  /** @throws {RangeError} when the batch is empty or larger than RECORD_CAPACITY */
  seal(batch: Uint8Array): Uint8Array
  /** Zeroes all keys. Call it once; sealing throws afterwards. */
  wipe(): void
}

export interface RecordSealerOptions {
  /** 32 bytes; the sealer owns them from here on. */
  readonly secret: Uint8Array
  readonly direction: DirectionByte
  /** Records after which a secret is replaced, at least 1. */
  readonly updateAfter: number
  readonly random: RandomSource
}

/** Encrypt-then-MAC, with automatic key updates (docs/protocol.md, Records on the aes rung). */
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

      // Never reset, not even by a key update: each record has one place in the whole connection.
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

/** Opens the records of one direction, in sequence. */
export interface RecordOpener {
  /** Returns the batch, or null when the record is rejected for any reason. Open nothing after that. */
  open(body: Uint8Array): Uint8Array | null
  /** Zeroes all keys. Call it once; opening throws afterwards. */
  wipe(): void
}

/**
 * The counterpart of recordSealer. The tag is checked before anything is decrypted, so padding and structure are only
 * ever examined in records of the authenticated peer: there is no padding oracle.
 *
 * @param secret 32 bytes; the opener owns them from here on
 * @param direction the side that seals these records
 */
export function recordOpener(secret: Uint8Array, direction: DirectionByte): RecordOpener {
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
