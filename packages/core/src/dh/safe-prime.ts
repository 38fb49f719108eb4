import { randomBytes } from 'node:crypto'
import { byMillerRabin, type PrimalityTest, SECURE_ROUNDS } from './primality.ts'
import { randomBits } from './integers.ts'
import type { RandomSource } from '../cipher/random-pool.ts'
import { primesBelow, sieve } from './sieve.ts'

/** Shortest prime that generateSafePrime makes, in bits: below it the small primes of the sieve are not small. */
const MIN_BITS = 32

/** The sieve takes the primes below this many times the bits: the longer the numbers, the more a test saved is worth. */
const SIEVE_BOUND_PER_BIT = 1024

/** Tests under way at once: as many as Node's thread pool has threads by default. */
const PARALLEL_TESTS = 4

/** How far the search is. It may take several times as long as expected: each candidate is a draw of its own. */
export interface SafePrimeProgress {
  /** Candidates tested so far, not counting those that the sieve crossed out. */
  readonly tried: number
  /** How many it takes on average. */
  readonly expected: number
}

export interface SafePrimeOptions {
  /** Ours unless given. */
  readonly isPrime?: PrimalityTest
  readonly random?: RandomSource
  /** Called after each candidate. */
  readonly onProgress?: (progress: SafePrimeProgress) => void
  readonly signal?: AbortSignal
}

/**
 * Searches for a random safe prime p = 2q + 1 with p = 7 modulo 8, so that g = 2 is a square and generates the subgroup
 * of order q.
 *
 * It walks up from a random start. Primes after a long gap are a little likelier than others that way, which is of no
 * use to anybody: p is public.
 *
 * @param bits length of p, from 32
 * @returns p; p and q have passed 64 rounds of the primality test
 * @throws {RangeError} when bits is out of range
 * @throws the signal's reason after an abort, as soon as the test under way is done
 */
export async function generateSafePrime(bits: number, options: SafePrimeOptions = {}): Promise<bigint> {
  const { isPrime = byMillerRabin, random = randomBytes, onProgress, signal } = options
  const expected = expectedCandidates(bits)
  let tried = 0

  async function bothPass(q: bigint, rounds: number): Promise<boolean> {
    signal?.throwIfAborted()
    return (await isPrime(q, rounds)) && (await isPrime(2n * q + 1n, rounds))
  }

  for (;;) {
    const candidates = safePrimeCandidates(bits, random)
    let likely = 0n

    // All searchers draw from one generator. The first to leave the loop closes it, which ends the others' loops too.
    const search = async (): Promise<void> => {
      for (const q of candidates) {
        const passed = await bothPass(q, 1)
        tried += 1
        onProgress?.({ tried, expected })
        if (passed) {
          likely = q
          return
        }
      }
    }
    await Promise.all(Array.from({ length: PARALLEL_TESTS }, search))

    // One round throws out nearly every composite, so the many rounds are for one pair.
    if (await bothPass(likely, SECURE_ROUNDS)) return 2n * likely + 1n
  }
}

/** All q worth testing, from one random start after another, without an end. */
function* safePrimeCandidates(bits: number, random: RandomSource): Generator<bigint, void, void> {
  if (!(Number.isInteger(bits) && bits >= MIN_BITS))
    throw new RangeError(`bits must be at least ${MIN_BITS}, got ${bits}`)
  // 11 modulo 12 is 3 modulo 4, hence p = 7 modulo 8; and it keeps the factors 2 and 3 away, which the sieve leaves out.
  const primes = primesBelow(bits * SIEVE_BOUND_PER_BIT).subarray(2)
  const lowest = 1n << BigInt(bits - 2)
  for (;;) {
    const start = lowest + randomBits(bits - 2, random)
    yield* sieve(start - (start % 12n) + 11n, primes, 2n * lowest)
  }
}

/**
 * A random number around x is prime with probability 1 / ln x; if no prime below B divides it, with e^gamma ln B times
 * that (Mertens' third theorem). Here q and 2q + 1 must both be prime.
 */
function expectedCandidates(bits: number): number {
  const eToGamma = 1.781072
  const chance = (eToGamma * Math.log(bits * SIEVE_BOUND_PER_BIT)) / (bits * Math.LN2)
  return Math.max(1, Math.round(chance ** -2))
}
