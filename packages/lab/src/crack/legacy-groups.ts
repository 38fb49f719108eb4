import { primesBelow } from '@p2p-secure-chat/core/dh/sieve'

/** Groups with a prime below this are tried: a textbook's numbers are those that fit on a blackboard. */
export const PRIME_LIMIT = 512

/** A group of a textbook, and the exponents of both sides in it. */
export interface LegacyGroup {
  readonly p: number
  readonly g: number
  /** Private exponents of those who sent the first and the second public value, the smallest that fit. */
  readonly exponents: readonly [number, number]
}

/**
 * All groups with a small prime in which two public values lead to a secret: p is none of those that are too small for
 * the three numbers, both values are powers of g, and g^(a b) is the secret. One conversation leaves some groups over;
 * two of them in the same group leave few.
 */
export function groupsThatFit(publicValues: readonly [number, number], secret: number): LegacyGroup[] {
  const largest = Math.max(...publicValues, secret)
  const fits: LegacyGroup[] = []
  for (const p of primesBelow(PRIME_LIMIT)) {
    if (p <= largest) continue
    for (let g = 2; g < p; g += 1) {
      const powers = powersOf(g, p)
      const [a, b] = [powers.indexOf(publicValues[0], 1), powers.indexOf(publicValues[1], 1)]
      // Below PRIME_LIMIT a product of two exponents is exact.
      if (a > 0 && b > 0 && powers[(a * b) % (powers.length - 1)] === secret) fits.push({ p, g, exponents: [a, b] })
    }
  }
  return fits
}

/** g^0, g^1, ... up to the first that is 1 again. */
function powersOf(g: number, p: number): number[] {
  const powers = [1]
  for (let power = g; ; power = (power * g) % p) {
    powers.push(power)
    if (power === 1) return powers
  }
}

/** The groups that every conversation leaves over. */
export function groupsInCommon(conversations: readonly (readonly LegacyGroup[])[]): LegacyGroup[] {
  const [first = [], ...others] = conversations
  return first.filter(({ p, g }) => others.every(groups => groups.some(group => group.p === p && group.g === g)))
}
