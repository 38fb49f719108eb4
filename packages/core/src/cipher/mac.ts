import { createHmac, timingSafeEqual } from 'node:crypto'

/** Bytes of one HMAC-SHA-256 output; it is never shortened in this project. */
export const MAC_BYTES = 32

/**
 * HMAC-SHA-256 (RFC 2104, FIPS 198-1) over the parts one after the other, as if they were one message. The parts leave
 * no trace of where one ends: a caller whose parts vary in length puts the lengths in.
 *
 * @param key any length; 32 bytes of key material are full strength
 * @returns 32 bytes
 */
export function mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const hmac = createHmac('sha256', key)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/**
 * Compares two strings of bytes in a time that depends on their length alone: an attacker guessing a tag learns
 * nothing from how long the answer takes.
 */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
