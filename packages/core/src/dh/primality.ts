import { checkPrime, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { modPow } from './mod-pow.ts'
import { randomBetween, trailingZeros } from './integers.ts'
import type { RandomSource } from '../cipher/random-pool.ts'

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

/**
 * Whether n is prime, tested with at least `rounds` random bases: a composite passes with probability 4^-rounds.
 * Neither of the two tests below keeps the event loop from turning for longer than one base takes.
 */
export type PrimalityTest = (n: bigint, rounds: number) => Promise<boolean>

/** Rounds for a number that an attacker may have chosen: it then passes with probability 2^-128 at most. */
export const SECURE_ROUNDS = 64

/** Our own test, for those who want to read all of what they run: about 15 ms a base at 2048 bits. */
export const byMillerRabin: PrimalityTest = async (n, rounds) => {
  for (let round = 0; round < rounds; round += 1) {
    await new Promise(resolve => setImmediate(resolve))
    if (!millerRabin(n, 1)) return false
  }
  return true
}

const checkPrimeAsync = promisify<bigint, { checks: number }, boolean>(checkPrime)

/**
 * The same test by OpenSSL, six to eight times faster and on Node's thread pool, so several run at once. It takes 64
 * bases (128 above 2048 bits) even when fewer are asked for, which costs something for primes only.
 */
export const byOpenSsl: PrimalityTest = (n, rounds) => checkPrimeAsync(n, { checks: rounds })
