import { createHash } from 'node:crypto'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { randomBetween } from '@p2p-secure-chat/core/dh/integers'

/** Parameters of a Diffie-Hellman exchange that nobody has checked. */
export interface ToyGroup {
  /** An odd prime, of whatever size. */
  readonly p: bigint
  readonly g: bigint
}

/** The numbers that textbooks calculate with: 22 public values are possible. */
export const TEXTBOOK_GROUP: ToyGroup = { p: 23n, g: 5n }

/** One side of an exchange. */
export interface ToyKeyPair {
  readonly exponent: bigint
  readonly publicValue: bigint
}

/** @param exponent drawn at random unless given */
export function toyKeyPair({ p, g }: ToyGroup, exponent = randomBetween(1n, p - 2n)): ToyKeyPair {
  return { exponent, publicValue: modPow(g, exponent, p) }
}

/** Takes whatever value the other side sends, as the textbook does: 0, 1 and p - 1 give a secret that anybody can guess. */
export function toySecret({ p }: ToyGroup, { exponent }: ToyKeyPair, peerPublic: bigint): bigint {
  return modPow(peerPublic, exponent, p)
}

/** The textbook's AES key: the SHA-256 of the secret, written in decimal. So there are as many keys as secrets. */
export function textbookKey(secret: bigint): Uint8Array {
  return createHash('sha256').update(String(secret)).digest()
}
