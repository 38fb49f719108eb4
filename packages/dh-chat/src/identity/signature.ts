import { type KeyObject, sign as cryptoSign, verify as cryptoVerify } from 'node:crypto'
import { publicKeyFromBytes } from './ed25519-key.ts'

/** Bytes of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64

/** What stands in front of the context: 64 spaces, as in TLS 1.3, so that no signature of ours fits another protocol. */
const PADDING = Buffer.alloc(64, 0x20)

/**
 * The bytes that every signature of this project covers: 64 spaces, the context, a zero byte and a hash (the shape of
 * RFC 8446, section 4.4.3). Nothing else is ever signed, a bare challenge least of all.
 *
 * @param context protocol, version and role or purpose: what is signed for one cannot be shown for another
 * @param hash SHA-256 of what is signed
 */
export function signed(context: string, hash: Uint8Array): Uint8Array {
  return Buffer.concat([PADDING, Buffer.from(context), Buffer.alloc(1), hash])
}

/** @returns the 64 bytes of an Ed25519 signature (RFC 8032) */
export function sign(privateKey: KeyObject, data: Uint8Array): Uint8Array {
  return cryptoSign(null, data, privateKey)
}

/**
 * @param key the raw public key of who signed
 * @returns whether the signature is right
 * @throws {ChatError} `bad-key` for a key under which no signature means anything
 */
export function verify(key: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  return cryptoVerify(null, data, publicKeyFromBytes(key), signature)
}
