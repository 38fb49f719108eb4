import type { KeyObject } from 'node:crypto'
import { expandLabel, hkdfExtract } from '@p2p-secure-chat/core/cipher/hkdf'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'

/** Bytes that DER puts in front of an Ed25519 seed to make a private key of it (RFC 8410, section 7). */
const PKCS8_HEADER_BYTES = 16

/** Bytes of a derived key. */
const DERIVED_BYTES = 32

/**
 * Makes a key for another purpose than signing out of a private key: HKDF-SHA-256 of its seed without a salt, for the
 * purpose that the label names. RFC 8032 uses the seed through SHA-512 alone, so that neither key tells of the other.
 *
 * @param privateKey an Ed25519 private key; what is exported of it is zeroed again before this returns
 * @param label what the key is for; different purposes must not share it
 * @returns 32 bytes that belong to the caller
 */
export function deriveKey(privateKey: KeyObject, label: string): Uint8Array {
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  const secret = hkdfExtract(new Uint8Array(), pkcs8.subarray(PKCS8_HEADER_BYTES))
  try {
    return expandLabel(secret, label, DERIVED_BYTES)
  } finally {
    wipe(pkcs8, secret)
  }
}
