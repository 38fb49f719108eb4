import type { Group } from '@p2p-secure-chat/core/dh/groups'
import { randomBetween } from '@p2p-secure-chat/core/dh/integers'
import type { Estimate } from './crack-event.ts'

/** The constant c of the number field sieve for discrete logarithms: the cube root of 64/9 (Schirokauer 1993). */
const SIEVE_CONSTANT = (64 / 9) ** (1 / 3)

/**
 * The largest discrete logarithm modulo a safe prime that anybody has published: 795 bits, about 3,100 years of one
 * processor core (Boudot, Gaudry, Guillevic, Heninger, Thome, Zimmermann, CRYPTO 2020).
 */
export const LARGEST_SOLVED = { bits: 795, coreYears: 3_100 } as const

const SECONDS_PER_YEAR = 365.25 * 86_400

/** How long a measurement multiplies, in milliseconds: long enough to warm up, short enough not to be noticed. */
const MEASURED_TIME = 200

/** Multiplications between two looks at the clock, which takes about as long as one of them. */
const BATCH = 64

/**
 * Work of the number field sieve modulo a prime of that many bits: L[1/3, c] = exp(c (ln p)^(1/3) (ln ln p)^(2/3)), as a
 * power of two. The formula leaves out a factor that is not well known, so it compares primes better than it counts.
 */
export function sieveLog2(bits: number): number {
  const ln = bits * Math.LN2
  return (SIEVE_CONSTANT * Math.cbrt(ln) * Math.log(ln) ** (2 / 3)) / Math.LN2
}

/** Years of one processor core for the sieve, scaled by that formula from what the record took, as a power of two. */
export function sieveYearsLog2(bits: number): number {
  return Math.log2(LARGEST_SOLVED.coreYears) + sieveLog2(bits) - sieveLog2(LARGEST_SOLVED.bits)
}

/**
 * Steps of Pollard's kangaroos for an exponent whose highest bit is known to be set: 2 sqrt(w) for w = 2^(bits - 1)
 * (Pollard 1978), as a power of two.
 */
export function kangarooLog2(exponentBits: number): number {
  return 1 + (exponentBits - 1) / 2
}

/** How many years that many operations take at a rate in operations per second; both sides as a power of two. */
export function yearsLog2(operationsLog2: number, rate: number): number {
  return operationsLog2 - Math.log2(rate * SECONDS_PER_YEAR)
}

/**
 * How many multiplications modulo p this machine does now in a second, on one core.
 *
 * @param p an odd number above 2
 * @param now any monotonic clock in milliseconds
 */
export function measuredRate(p: bigint, now: () => number = () => performance.now()): number {
  // As long as p: a short factor would make it look easy.
  const factor = randomBetween(p >> 1n, p - 1n)
  let point = factor
  const start = now()
  for (let steps = BATCH; ; steps += BATCH) {
    for (let i = 0; i < BATCH; i += 1) point = (point * factor) % p
    const elapsed = now() - start
    if (elapsed >= MEASURED_TIME) return (1000 * steps) / elapsed
  }
}

/**
 * What it would take to break an exchange in a group that is not a toy.
 *
 * @param group null where its numbers are not known: they never cross the wire
 * @param bits the size of its prime, as far as the public values show
 */
export function estimateFor(group: Group | null, bits: number, rateOf = measuredRate): Estimate {
  const size = group?.bits ?? bits
  const exponentBits = group?.exponentBits ?? null
  // A number of the same length is multiplied as quickly.
  const rate = rateOf(group?.p ?? (1n << BigInt(size)) - 1n)
  const steps = exponentBits === null ? null : kangarooLog2(exponentBits)
  return {
    bits: size,
    exponentBits,
    rate,
    kangaroo: steps === null ? null : { steps, years: yearsLog2(steps, rate) },
    sieve: { operations: sieveLog2(size), coreYears: sieveYearsLog2(size) },
  }
}
