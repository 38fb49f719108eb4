import { createHash } from 'node:crypto'
import { ChatError } from '../errors.ts'
import { bitLength } from './integers.ts'
import { encodeGroupDer, type GroupParameters } from './group-pem.ts'
import { describeGroup, type Group } from './groups.ts'
import { jacobi } from './jacobi.ts'
import { byMillerRabin, type PrimalityTest, SECURE_ROUNDS } from './primality.ts'

/** Shortest prime in bits: 1024 is within reach of a state (Adrian et al., CCS 2015). */
export const MIN_GROUP_BITS = 2048

/** Longest prime in bits: a longer one would only let its author make others compute. */
export const MAX_GROUP_BITS = 8192

/**
 * Checks parameters that somebody made: their author could have built in a trap. Cheap checks come first.
 *
 * @param isPrime ours unless given
 * @returns the group under its hashName, so that both sides mean the same numbers
 * @throws {ChatError} `weak-group` with the reason
 */
export async function checkGroup({ p, g }: GroupParameters, isPrime: PrimalityTest = byMillerRabin): Promise<Group> {
  const bits = bitLength(p)
  if (bits < MIN_GROUP_BITS) throw weak(`its prime has ${bits} bits, fewer than ${MIN_GROUP_BITS}`)
  if (bits > MAX_GROUP_BITS) throw weak(`its prime has ${bits} bits, more than ${MAX_GROUP_BITS}`)
  if (p % 2n === 0n) throw weak('p is even')
  if (g < 2n || g > p - 2n) throw weak('its generator is not between 2 and p - 2')
  if (jacobi(g, p) !== 1) throw weak(wholeGroup(p, g))

  const [pIsPrime, qIsPrime] = await Promise.all([isPrime(p, SECURE_ROUNDS), isPrime(p >> 1n, SECURE_ROUNDS)])
  if (!pIsPrime) throw weak('p is not prime')
  if (!qIsPrime) throw weak('(p - 1) / 2 is not prime, so there are small subgroups that leak bits of the exponent')

  return describeGroup(hashName({ p, g }), p, g)
}

/** The name on the wire of a group that has no other: `sha256:` and the hash of its DER in lowercase hex. */
export function hashName(parameters: GroupParameters): string {
  return `sha256:${createHash('sha256').update(encodeGroupDer(parameters)).digest('hex')}`
}

function wholeGroup(p: bigint, g: bigint): string {
  const reason = 'its generator is not a square modulo p: every public value would tell whether its exponent is even'
  const legacy = g === 2n && p % 24n === 11n
  return legacy ? `${reason} (p = 11 modulo 24 with g = 2, as older versions of OpenSSL make them)` : reason
}

function weak(reason: string): ChatError {
  return new ChatError('weak-group', `the group is refused: ${reason}`)
}
