import { createCipheriv, createDecipheriv } from 'node:crypto'
import { ChatError } from '../errors.ts'
import { type RandomSource, randomBytes } from './random-pool.ts'
import { wipe } from './wipe.ts'

const ALGORITHM = 'aes-256-cbc'

/** Bytes of an AES-256 key. */
export const KEY_BYTES = 32

/** Bytes of an AES block, and so of an IV. */
export const BLOCK_BYTES = 16

/**
 * Encrypts with AES-256-CBC (NIST SP 800-38A, section 6.2) and PKCS#7 padding (RFC 5652, section 6.3).
 *
 * @param key 32 bytes
 * @param iv 16 bytes that nobody could predict before the plaintext was fixed, fresh for each message
 * @returns whole blocks, 1 to 16 bytes longer than the plaintext
 * @throws {RangeError | TypeError} when key or IV have another length
 */
export function encryptCbc(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, key, iv)
  return Buffer.concat([cipher.update(plaintext), cipher.final()])
}

/**
 * Decrypts what encryptCbc made.
 *
 * For authenticated ciphertext only: check a MAC over IV and ciphertext first. An attacker who may send ciphertexts of his own
 * and sees whether the padding was right, reads any message byte by byte (Vaudenay 2002), and CBC lets him flip chosen
 * bits of the plaintext.
 *
 * @throws {ChatError} `bad-record` when the ciphertext is not whole blocks that end in correct padding
 * @throws {RangeError | TypeError} unless the key has 32 and the IV 16 bytes
 */
export function decryptCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(ALGORITHM, key, iv)
  const start = decipher.update(ciphertext)
  try {
    return Buffer.concat([start, decipher.final()])
  } catch (cause) {
    throw new ChatError('bad-record', 'the ciphertext does not end in correct padding', { cause })
  }
}

/** Where both long-lived ciphers begin. It needs no secrecy: what is chained to it is random or thrown away. */
const CHAIN_START = new Uint8Array(BLOCK_BYTES)

/** Encrypts many records under one key. */
export interface CbcEncryptor {
  /**
   * Encrypts one record, given in parts whose lengths add up to whole blocks.
   *
   * @param spare bytes to add behind the ciphertext for the caller to overwrite with a tag, whole blocks: what is
   * there now is of no use to anybody. It saves copying the record into a buffer that has room for the tag.
   * @returns IV (16 bytes) || ciphertext || spare bytes: standard AES-256-CBC, without padding of its own
   * @throws {RangeError} when the parts or the spare bytes are not whole blocks
   */
  encrypt(parts: readonly Uint8Array[], spare?: number): Uint8Array
  /** Frees the expanded key and zeroes the last plaintext. Once; encrypting afterwards throws. */
  wipe(): void
}

/** Decrypts many records under one key. */
export interface CbcDecryptor {
  /**
   * Decrypts one record: IV (16 bytes) || ciphertext. For authenticated records only, as decryptCbc.
   *
   * @returns the plaintext with its padding, in a buffer that belongs to the caller
   * @throws {RangeError} when the record is not an IV and whole blocks
   */
  decrypt(record: Uint8Array): Uint8Array
  /** Frees the expanded key. Once; decrypting afterwards throws. */
  wipe(): void
}

/**
 * An encryptor that keeps one cipher for all its records, since setting one up costs several times more than a short
 * record does. CBC chains each block to the ciphertext before it, E(plaintext XOR previous block), and the cipher goes
 * on chaining from record to record. That alone would be unsafe: the next IV would be on the wire before the plaintext
 * is chosen. So 16 fresh random bytes R go in front of each record's plaintext. E(R XOR previous block) is then as
 * unpredictable as R is, it is the block the plaintext is chained to, and therefore is sent as the record's IV.
 *
 * @param key 32 bytes; the cipher keeps a copy of its own
 * @param random source of R
 */
export function cbcEncryptor(key: Uint8Array, random: RandomSource = randomBytes): CbcEncryptor {
  const cipher = createCipheriv(ALGORITHM, key, CHAIN_START).setAutoPadding(false)
  let room = new Uint8Array(BLOCK_BYTES)

  return {
    encrypt(parts, spare = 0) {
      const end = parts.reduce((sum, part) => sum + part.length, BLOCK_BYTES)
      if (end % BLOCK_BYTES !== 0 || spare % BLOCK_BYTES !== 0) {
        throw new RangeError(`${end} and ${spare} bytes are not both whole blocks of ${BLOCK_BYTES}`)
      }
      if (end + spare > room.length) {
        wipe(room)
        room = new Uint8Array(end + spare)
      }
      room.set(random(BLOCK_BYTES))
      let at = BLOCK_BYTES
      for (const part of parts) {
        room.set(part, at)
        at += part.length
      }
      room.fill(0, end, end + spare)
      return cipher.update(room.subarray(0, end + spare))
    },
    wipe() {
      wipe(room)
      cipher.final()
    },
  }
}

/**
 * A decryptor that keeps one cipher for all records of a cbcEncryptor, or of anybody who sends IV || ciphertext. The IV
 * goes through it like a block of ciphertext: what comes out is thrown away, and the next block is chained to the IV.
 *
 * @param key 32 bytes; the cipher keeps a copy of its own
 */
export function cbcDecryptor(key: Uint8Array): CbcDecryptor {
  const decipher = createDecipheriv(ALGORITHM, key, CHAIN_START).setAutoPadding(false)

  return {
    decrypt(record) {
      if (record.length < BLOCK_BYTES || record.length % BLOCK_BYTES !== 0) {
        throw new RangeError(`${record.length} bytes are not an IV and whole blocks of ${BLOCK_BYTES}`)
      }
      return decipher.update(record).subarray(BLOCK_BYTES)
    },
    wipe() {
      decipher.final()
    },
  }
}
