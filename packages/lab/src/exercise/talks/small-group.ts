import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { primesBelow } from '@p2p-secure-chat/core/dh/sieve'
import type { ToyGroup } from '../../textbook/toy-exchange.ts'
import type { Variant } from '../variant.ts'

/** Primes of small groups have five digits: a loop over one group takes no time, and one over all of them some seconds. */
const SMALLEST = 10_000
const LIMIT = 100_000

/**
 * A safe prime of five digits, which are about 500, with its smallest primitive root: so an exponent below p - 1 is the only one
 * for its public value.
 */
export function smallGroup(variant: Variant): ToyGroup {
  const primes = primesBelow(LIMIT)
  const known = new Set(primes)
  const safe = [...primes].filter(prime => prime >= SMALLEST && known.has((prime - 1) / 2))
  const p = BigInt(variant.pick('group', safe))
  return { p, g: primitiveRoot(p) }
}

/** @param p a safe prime above 5: the order of an element divides p - 1 = 2 q, and only q and 2 q leave room for more than two */
function primitiveRoot(p: bigint): bigint {
  let g = 2n
  while (modPow(g, p >> 1n, p) !== p - 1n) g += 1n
  return g
}
