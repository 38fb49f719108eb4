import { createPublicKey, type KeyObject } from 'node:crypto'
import { bigintFromBytes } from '@p2p-secure-chat/core/dh/integers'
import { jacobi } from '@p2p-secure-chat/core/dh/jacobi'
import { ChatError } from '@p2p-secure-chat/core/errors'

/** Bytes of an Ed25519 public key as it travels: the encoding of a point (RFC 8032, section 5.1.2). */
export const KEY_BYTES = 32

/** The curve is -x^2 + y^2 = 1 + d x^2 y^2 modulo p (RFC 8032, section 5.1). */
const P = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/**
 * The y coordinates of the eight points of small order; with both signs of x they are all of them. Under such a key
 * the signature (R = that point, S = 0) fits many messages or every one.
 */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  1n, // order 1, the identity
  P - 1n, // order 2
  0n, // order 4
  2707385501144840649318225287225658788936804267575313519463743609750303402022n, // order 8
  55188659117513257062467267217118295137698188065244968500265048394206261417927n, // order 8
])

/**
 * Lets only those keys pass under which a signature means something: the canonical encoding of a point on the curve
 * that has no small order. OpenSSL itself accepts all others as well.
 *
 * @returns the same bytes
 * @throws {ChatError} `bad-key`
 */
export function checkPublicKey(raw: Uint8Array): Uint8Array {
  if (raw.length !== KEY_BYTES) throw new ChatError('bad-key', `an Ed25519 key has 32 bytes, not ${raw.length}`)
  // Little-endian; the highest bit is the sign of x and no part of y.
  const y = BigInt.asUintN(255, bigintFromBytes(Uint8Array.from(raw).toReversed()))
  if (y >= P) throw new ChatError('bad-key', 'the key is not written in the canonical way')
  if (SMALL_ORDER_Y.has(y)) throw new ChatError('bad-key', 'the key has small order: anybody could sign for it')
  // x^2 = (y^2 - 1) / (d y^2 + 1) has a solution when numerator times denominator is a square.
  if (jacobi((y * y - 1n) * (D * y * y + 1n), P) !== 1)
    throw new ChatError('bad-key', 'the key is no point of the curve')
  return raw
}

/**
 * @param raw 32 bytes, checked as checkPublicKey does
 * @throws {ChatError} `bad-key`
 */
export function publicKeyFromBytes(raw: Uint8Array): KeyObject {
  // A tenth of what DER costs (RFC 8037, section 2).
  const key = { kty: 'OKP', crv: 'Ed25519', x: publicKeyToText(checkPublicKey(raw)) }
  return createPublicKey({ key, format: 'jwk' })
}

/** @param key an Ed25519 key, private or public; of a private key it is the public half that is written */
export function publicKeyToBytes(key: KeyObject): Uint8Array {
  const half = key.type === 'private' ? createPublicKey(key) : key
  return Uint8Array.from(Buffer.from(half.export({ format: 'jwk' }).x ?? '', 'base64url'))
}

/**
 * Reads a key from base64url without padding, as it stands in the known peers file and in a registration. Each key has
 * one spelling.
 *
 * @throws {ChatError} `bad-key` for another alphabet, length or spelling, and as checkPublicKey
 */
export function publicKeyFromText(text: string): Uint8Array {
  const raw = Buffer.from(text, 'base64url')
  if (raw.toString('base64url') !== text) throw new ChatError('bad-key', 'the key is not written in base64url')
  return checkPublicKey(Uint8Array.from(raw))
}

export function publicKeyToText(raw: Uint8Array): string {
  return Buffer.from(raw).toString('base64url')
}
