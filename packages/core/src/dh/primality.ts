import { checkPrime } from 'node:crypto'
import { promisify } from 'node:util'
import { millerRabin } from './miller-rabin.ts'

/**
 * Whether n is prime, tested with at least so many random bases: a composite passes with probability 4^-rounds.
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
