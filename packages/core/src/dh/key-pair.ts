import { ChatError } from '../errors.ts'
import { bigintFromBytes, bigintToBytes, randomBits } from './integers.ts'
import type { RandomSource } from '../cipher/random-pool.ts'
import { type FixedBase, fixedBase, modPow } from './mod-pow.ts'
import type { Group } from './groups.ts'
import { jacobi } from './jacobi.ts'

/** Good for one handshake. A bigint can not be wiped: dropping the pair is all one can do, so drop it soon. */
export interface KeyPair {
  readonly privateKey: bigint
  readonly publicKey: bigint
}

const generators = new WeakMap<Group, FixedBase>()

function powerOfGenerator(group: Group): FixedBase {
  const known = generators.get(group)
  if (known !== undefined) return known
  const made = fixedBase(group.g, group.p, group.exponentBits)
  generators.set(group, made)
  return made
}

/**
 * Draws a fresh exponent x and computes g^x.
 *
 * x has exactly `group.exponentBits` bits: the highest one is set, so that neither its length nor the time it takes
 * varies, and the others are random. The highest bit is hence known, which takes half a bit off a strength that has
 * many to spare: the best attack needs the square root of the range.
 */
export function generateKeyPair(group: Group, random?: RandomSource): KeyPair {
  const highest = group.exponentBits - 1
  const privateKey = (1n << BigInt(highest)) + randomBits(highest, random)
  return { privateKey, publicKey: powerOfGenerator(group)(privateKey) }
}

/**
 * Checks a public value that came from outside (NIST SP 800-56A Rev. 3, section 5.6.2.3.1, with the Jacobi symbol in
 * the place of y^q = 1). 0, 1 and p - 1 would make the secret one that anybody can guess; a value outside the subgroup
 * would tell its sender whether our exponent is even.
 *
 * @throws {ChatError} `bad-public-value`, and in the message which check it failed
 */
export function checkPublicValue({ p }: Group, value: bigint): void {
  if (value < 2n) throw bad('it is below 2')
  if (value > p - 2n) throw bad('it is above p - 2')
  if (jacobi(value, p) !== 1) throw bad('it is not in the subgroup that the generator makes')
}

/**
 * The secret that both sides arrive at: the other side's public value to the power of our exponent.
 *
 * @param peerPublic as publicValueFromBytes gave it: nothing is checked again
 * @returns big-endian, always `group.bytes` long: a secret that lost its leading zeros would hash to another key, and
 * its length would tell something about it (TLS 1.2 drops them, which the Raccoon attack used; RFC 8446, section 7.4.1,
 * keeps them)
 */
export function sharedSecret(group: Group, privateKey: bigint, peerPublic: bigint): Uint8Array {
  return bigintToBytes(modPow(peerPublic, privateKey, group.p), group.bytes)
}

/** A public value as it crosses the wire: big-endian, always `group.bytes` long. */
export function publicValueToBytes(group: Group, value: bigint): Uint8Array {
  return bigintToBytes(value, group.bytes)
}

/**
 * Reads a public value from the wire, and lets no other pass than one that checkPublicValue takes.
 *
 * @throws {ChatError} `bad-public-value`, also for a wrong length
 */
export function publicValueFromBytes(group: Group, bytes: Uint8Array): bigint {
  if (bytes.length !== group.bytes) throw bad(`it has ${bytes.length} bytes, not ${group.bytes}`)
  const value = bigintFromBytes(bytes)
  checkPublicValue(group, value)
  return value
}

function bad(reason: string): ChatError {
  return new ChatError('bad-public-value', `the public value is refused: ${reason}`)
}
