import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { primesBelow } from '@p2p-secure-chat/core/dh/sieve'
import type { ToyGroup } from '../../textbook/toy-exchange.ts'
import type { Variant } from '../variant.ts'

/** Five digits: a loop over the powers of one group takes no time, and one over those of all groups some seconds. */
const SMALLEST = 10_000
const LIMIT = 100_000

/**
 * One of about 500 safe primes of five digits, with its smallest primitive root: so an exponent below p - 1 is the only
 * one for its public value.
 */
export function smallGroup(variant: Variant): ToyGroup {
  const primes = primesBelow(LIMIT)
  const known = new Set(primes)
  const safe = [...primes].filter(prime => prime >= SMALLEST && known.has((prime - 1) / 2))
  const p = BigInt(variant.pick('group', safe))
  return { p, g: primitiveRoot(p) }
}

/** The smallest number that is no square modulo a safe prime: each of these but p - 1 generates all others. */
function primitiveRoot(p: bigint): bigint {
  let g = 2n
  while (modPow(g, p >> 1n, p) !== p - 1n) g += 1n
  return g
}
