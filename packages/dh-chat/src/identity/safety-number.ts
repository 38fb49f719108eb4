import { createHash } from 'node:crypto'
import type { ProvenPeer } from './identity.ts'

const CONTEXT = Buffer.from('p2p-secure-chat safety number/1\0')

/** Twelve numbers of five digits, each made of five bytes of the digest. */
const NUMBERS = 12
const BYTES_PER_NUMBER = 5
const DIGITS = 5

/**
 * The number that two people compare, aloud or on paper, to rule out a person in the middle: it is the same on both sides
 * exactly when both see the same two names and keys. It has about 199 bits, so nobody can find a key that makes two
 * numbers match (docs/protocol.md, Fingerprint and safety number).
 *
 * @returns twelve groups of five digits, separated by spaces
 */
export function safetyNumber(one: ProvenPeer, other: ProvenPeer): string {
  const digest = createHash('sha512').update(CONTEXT)
  for (const { key, name } of [one, other].sort((a, b) => Buffer.compare(a.key, b.key))) {
    digest.update(withLength(key)).update(withLength(Buffer.from(name)))
  }
  const bytes = digest.digest()
  return Array.from({ length: NUMBERS }, (_, i) => {
    const number = bytes.readUIntBE(i * BYTES_PER_NUMBER, BYTES_PER_NUMBER) % 10 ** DIGITS
    return number.toString().padStart(DIGITS, '0')
  }).join(' ')
}

function withLength(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(bytes.length), bytes])
}
