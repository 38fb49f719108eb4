import { createHash, createPublicKey, type KeyObject, sign as cryptoSign, verify as cryptoVerify } from 'node:crypto'
import { bigintFromBytes } from '@p2p-secure-chat/core/dh/integers'
import { jacobi } from '@p2p-secure-chat/core/dh/jacobi'
import { ChatError } from '@p2p-secure-chat/core/errors'

/** Bytes of an Ed25519 public key on the wire: the encoding of a point (RFC 8032, section 5.1.2). */
export const PUBLIC_KEY_BYTES = 32

/** Bytes of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64

/** The curve is -x^2 + y^2 = 1 + d x^2 y^2 modulo p (RFC 8032, section 5.1). */
const P = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/**
 * The y coordinates of the eight points of small order; both signs of x share a y. Under such a key, the signature
 * (R = that point, S = 0) is valid for many messages or for all of them.
 */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  1n, // order 1, the identity
  P - 1n, // order 2
  0n, // order 4
  2707385501144840649318225287225658788936804267575313519463743609750303402022n, // order 8
  55188659117513257062467267217118295137698188065244968500265048394206261417927n, // order 8
])

/** The prefix of everything signed: 64 spaces as in TLS 1.3, so that our signatures fit no other protocol. */
const SIGNED_PREFIX = Buffer.alloc(64, 0x20)

/**
 * Accepts only keys under which a signature proves something: the canonical encoding of a curve point that does not have
 * small order. OpenSSL itself accepts all the others as well.
 *
 * @returns the same bytes
 * @throws {ChatError} `bad-key`
 */
export function checkPublicKey(raw: Uint8Array): Uint8Array {
  if (raw.length !== PUBLIC_KEY_BYTES) throw new ChatError('bad-key', `an Ed25519 key has 32 bytes, not ${raw.length}`)
  // Little-endian; the highest bit is the sign of x and not part of y.
  const y = BigInt.asUintN(255, bigintFromBytes(Uint8Array.from(raw).toReversed()))
  if (y >= P) throw new ChatError('bad-key', 'the key is not in canonical form')
  if (SMALL_ORDER_Y.has(y)) throw new ChatError('bad-key', 'the key has small order: anyone could sign for it')
  // x^2 = (y^2 - 1) / (d y^2 + 1) has a solution when numerator times denominator is a square.
  if (jacobi((y * y - 1n) * (D * y * y + 1n), P) !== 1)
    throw new ChatError('bad-key', 'the key is not a point on the curve')
  return raw
}

/**
 * @param raw 32 bytes, checked by checkPublicKey
 * @throws {ChatError} `bad-key`
 */
export function publicKeyFromBytes(raw: Uint8Array): KeyObject {
  // A tenth of what DER costs (RFC 8037, section 2).
  const key = { kty: 'OKP', crv: 'Ed25519', x: publicKeyToText(checkPublicKey(raw)) }
  return createPublicKey({ key, format: 'jwk' })
}

/** @param key an Ed25519 key; for a private key, its public half is written */
export function publicKeyToBytes(key: KeyObject): Uint8Array {
  const half = key.type === 'private' ? createPublicKey(key) : key
  return Uint8Array.from(Buffer.from(half.export({ format: 'jwk' }).x ?? '', 'base64url'))
}

/**
 * Reads a key from base64url without padding, as in the known peers file and in a registration. Each key has exactly
 * one spelling.
 *
 * @throws {ChatError} `bad-key` for another alphabet, length or spelling, and as checkPublicKey
 */
export function publicKeyFromText(text: string): Uint8Array {
  const raw = Buffer.from(text, 'base64url')
  if (raw.toString('base64url') !== text) throw new ChatError('bad-key', 'the key is not valid base64url')
  return checkPublicKey(Uint8Array.from(raw))
}

export function publicKeyToText(raw: Uint8Array): string {
  return Buffer.from(raw).toString('base64url')
}

/**
 * The short form of a key for people and invites: base64url of its SHA-256, 43 characters, never truncated.
 *
 * @param key the raw 32-byte public key
 */
export function fingerprint(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('base64url')
}

/**
 * The bytes that every signature of this project covers: 64 spaces, the context, a zero byte and a hash (the shape of
 * RFC 8446, section 4.4.3). Nothing else is ever signed, least of all a bare challenge.
 *
 * @param context protocol, version and role or purpose: a signature for one is invalid for any other
 * @param hash SHA-256 of the content
 */
export function signed(context: string, hash: Uint8Array): Uint8Array {
  return Buffer.concat([SIGNED_PREFIX, Buffer.from(context), Buffer.alloc(1), hash])
}

/** @returns the 64 bytes of an Ed25519 signature (RFC 8032) */
export function sign(privateKey: KeyObject, data: Uint8Array): Uint8Array {
  return cryptoSign(null, data, privateKey)
}

/**
 * @param key the signer's raw public key
 * @returns whether the signature is valid
 * @throws {ChatError} `bad-key` for a key under which no signature proves anything
 */
export function verify(key: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  return cryptoVerify(null, data, publicKeyFromBytes(key), signature)
}
