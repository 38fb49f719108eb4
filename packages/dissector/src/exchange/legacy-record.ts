import { decryptCbc } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { SeenFrame } from '../dissect/observation.ts'
import { valueOf } from '../message/field.ts'

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
    rethrowUnless(error)
    return null
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** The record in a frame, where there is a whole one. */
export function legacyRecordsOf(frame: SeenFrame): LegacyRecord[] {
  const iv = Buffer.from(valueOf(frame, 'legacy.iv') ?? '', 'hex')
  const ciphertext = Buffer.from(valueOf(frame, 'legacy.ciphertext') ?? '', 'hex')
  const whole = iv.length === 16 && ciphertext.length > 0 && ciphertext.length % 16 === 0
  return whole ? [{ iv, ciphertext }] : []
}
