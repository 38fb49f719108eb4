/** All primes below `limit`, in order (the sieve of Eratosthenes over the odd numbers). */
export function primesBelow(limit: number): Uint32Array {
  // Index i stands for the number 2 i + 1.
  const composite = new Uint8Array(Math.max(0, limit >> 1))
  const primes = limit > 2 ? [2] : []
  for (let i = 1; i < composite.length; i += 1) {
    if (composite[i] !== 0) continue
    const prime = 2 * i + 1
    primes.push(prime)
    for (let multiple = (prime * prime - 1) / 2; multiple < composite.length; multiple += prime) composite[multiple] = 1
  }
  return Uint32Array.from(primes)
}

/** Numbers that are sieved at once: 128 KiB stay in a processor's cache. */
const SEGMENT = 2 ** 17

/** The distance of two candidates. */
const STEP = 12

/**
 * Walks over start, start + 12, start + 24, ... and gives those q for which neither q nor 2q + 1 has one of the given
 * prime factors. A remainder of `start` for each prime is all the big-number arithmetic there is; from then on a prime
 * is crossed out by counting.
 *
 * @param start 11 modulo 12, which keeps 2 and 3 out of both q and 2q + 1, and larger than all primes
 * @param primes in order, from 5 on
 * @param end where the walk ends, excluded
 */
export function* sieve(start: bigint, primes: Uint32Array, end: bigint): Generator<bigint, void, void> {
  // Where in the current segment each prime strikes next: once for q and once for 2q + 1.
  const strikes = new Uint32Array(2 * primes.length)
  for (const [i, prime] of primes.entries()) {
    const remainder = Number(start % BigInt(prime))
    const inverse = inverseOfStep(prime)
    strikes[2 * i] = ((prime - remainder) * inverse) % prime
    // 2q + 1 = 0 when q = (prime - 1) / 2.
    strikes[2 * i + 1] = (((prime - 1) / 2 + prime - remainder) * inverse) % prime
  }

  const struck = new Uint8Array(SEGMENT)
  for (let first = start; ; first += BigInt(SEGMENT * STEP)) {
    struck.fill(0)
    for (let i = 0; i < strikes.length; i += 1) {
      const prime = primes[i >> 1] ?? 1
      let at = strikes[i] ?? 0
      for (; at < SEGMENT; at += prime) struck[at] = 1
      strikes[i] = at - SEGMENT
    }
    for (let at = struck.indexOf(0); at !== -1; at = struck.indexOf(0, at + 1)) {
      const candidate = first + BigInt(STEP * at)
      if (candidate >= end) return
      yield candidate
    }
  }
}

/** 1/12 modulo a prime above 3: 12 divides 1 + k prime for k = -1/prime, and each unit modulo 12 is its own inverse. */
function inverseOfStep(prime: number): number {
  return (1 + (STEP - (prime % STEP)) * prime) / STEP
}
