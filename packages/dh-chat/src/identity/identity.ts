import type { KeyObject } from 'node:crypto'
import { checkName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { expandLabel, hkdfExtract } from '@p2p-secure-chat/core/cipher/hkdf'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { fingerprint, publicKeyToBytes, sign } from './ed25519-key.ts'

/** Bytes that DER puts before an Ed25519 seed in a private key (RFC 8410, section 7). */
const PKCS8_HEADER_BYTES = 16

/** Bytes of a derived key. */
const DERIVED_BYTES = 32

/** A person as the handshake knows them: a name, and the key that proved it. */
export interface ProvenPeer {
  readonly name: string
  /** The raw 32-byte Ed25519 public key. */
  readonly key: Uint8Array
}

/** Ourselves: a peer whose private key we hold. */
export interface Identity extends ProvenPeer {
  readonly fingerprint: string
  /** Ed25519 over bytes made by signed(); 64 bytes. */
  sign(data: Uint8Array): Uint8Array
  /** A secret of 32 bytes for the one purpose that the label names; the caller owns and wipes it. */
  deriveKey(label: string): Uint8Array
}

/**
 * @param privateKey an Ed25519 private key; it never leaves the identity, only signatures and derived keys do
 * @throws {ChatError} `bad-name`
 */
export function identityOf(name: string, privateKey: KeyObject): Identity {
  const key = publicKeyToBytes(privateKey)
  return {
    name: checkName(name),
    key,
    fingerprint: fingerprint(key),
    sign: data => sign(privateKey, data),
    deriveKey: label => deriveKey(privateKey, label),
  }
}

/**
 * Derives a key for a purpose other than signing: HKDF-SHA-256 of the private key's seed, without a salt. RFC 8032 uses
 * the seed only through SHA-512, so neither key reveals anything about the other.
 *
 * @param privateKey an Ed25519 private key; its exported bytes are zeroed before this returns
 * @param label the purpose; different purposes must not share it
 */
function deriveKey(privateKey: KeyObject, label: string): Uint8Array {
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  const secret = hkdfExtract(new Uint8Array(), pkcs8.subarray(PKCS8_HEADER_BYTES))
  try {
    return expandLabel(secret, label, DERIVED_BYTES)
  } finally {
    wipe(pkcs8, secret)
  }
}
