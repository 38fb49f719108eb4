import { randomBytes } from 'node:crypto'
import { trailingZeros } from './bits.ts'
import { modPow } from './mod-pow.ts'
import { type RandomSource, randomBetween } from './random-integer.ts'

/**
 * Whether an odd n > 3 behaves like a prime for this base: base^(n-1), reached by squaring, arrives at 1 from nowhere
 * but 1 and -1, the only square roots of 1 that a prime has. At most a quarter of all bases deceive for a composite n
 * (Rabin 1980), so a base that nobody could foresee is right with probability 3/4 or better.
 */
export function isStrongProbablePrime(n: bigint, base: bigint): boolean {
  const minusOne = n - 1n
  const squarings = trailingZeros(minusOne)
  let power = modPow(base, minusOne >> BigInt(squarings), n)
  if (power === 1n || power === minusOne) return true
  for (let done = 1; done < squarings; done += 1) {
    power = (power * power) % n
    if (power === minusOne) return true
  }
  return false
}

/**
 * The Miller-Rabin test. A prime always passes; a composite number, also one that an attacker chose, passes with
 * probability 4^-rounds at most. That holds because the bases are random: for any fixed list of bases there are
 * composites that pass them all (Arnault 1995).
 *
 * @param n any integer; below 2 nothing is prime
 * @param rounds how many random bases, at least 1
 * @throws {RangeError} when there is not even one round
 */
export function millerRabin(n: bigint, rounds: number, random: RandomSource = randomBytes): boolean {
  if (!(rounds >= 1)) throw new RangeError(`at least one round is needed, got ${rounds}`)
  if (n < 4n) return n === 2n || n === 3n
  if ((n & 1n) === 0n) return false
  for (let round = 0; round < rounds; round += 1) {
    if (!isStrongProbablePrime(n, randomBetween(2n, n - 2n, random))) return false
  }
  return true
}
