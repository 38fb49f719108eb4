import { createDecipheriv } from 'node:crypto'
import { BLOCK_BYTES, decryptCbc } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { valueOf } from '../dissect/field.ts'
import type { SeenFrame } from '../dissect/observation.ts'

/** One record of the textbook's format: nothing but what AES-CBC made. */
export interface LegacyRecord {
  /** 16 bytes. */
  readonly iv: Uint8Array
  /** One or more blocks of 16 bytes. */
  readonly ciphertext: Uint8Array
}

/** @returns the text; null when this is not its key, or the record was altered or cut */
export function openLegacyRecord(key: Uint8Array, { iv, ciphertext }: LegacyRecord): string | null {
  let bytes: Uint8Array
  try {
    bytes = decryptCbc(key, iv, ciphertext)
  } catch (error) {
    if (error instanceof ChatError) return null
    throw error
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Tells which records could end in padding under a key. */
export type PaddingTest = (key: Uint8Array) => number

const CHAIN_START = new Uint8Array(BLOCK_BYTES)

/**
 * A wrong key makes noise of the last block, and noise looks like padding once in 256 times. So one block of each record
 * throws out nearly every key, at the cost of one call for all of them: in CBC a block needs only the one before it.
 *
 * @returns a function of a key that counts the records whose last block ends in PKCS#7 padding under it
 */
export function paddingTest(records: readonly LegacyRecord[]): PaddingTest {
  const ends = Buffer.concat(
    records.map(({ iv, ciphertext }) => Buffer.concat([iv, ciphertext]).subarray(-2 * BLOCK_BYTES)),
  )
  return key => {
    const blocks = createDecipheriv('aes-256-cbc', key, CHAIN_START).setAutoPadding(false).update(ends)
    let padded = 0
    for (let end = 2 * BLOCK_BYTES; end <= blocks.length; end += 2 * BLOCK_BYTES) {
      if (endsInPadding(blocks, end)) padded += 1
    }
    return padded
  }
}

function endsInPadding(blocks: Uint8Array, end: number): boolean {
  const length = blocks[end - 1] ?? 0
  if (length < 1 || length > BLOCK_BYTES) return false
  for (let at = end - length; at < end; at += 1) if (blocks[at] !== length) return false
  return true
}

/** The record in a frame, where there is a whole one. */
export function legacyRecordsOf(frame: SeenFrame): LegacyRecord[] {
  const iv = Buffer.from(valueOf(frame, 'legacy.iv') ?? '', 'hex')
  const ciphertext = Buffer.from(valueOf(frame, 'legacy.ciphertext') ?? '', 'hex')
  const whole = iv.length === 16 && ciphertext.length > 0 && ciphertext.length % 16 === 0
  return whole ? [{ iv, ciphertext }] : []
}
