import { checkPrimeSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { byMillerRabin, byOpenSsl, type PrimalityTest } from '../../src/dh/primality.ts'
import { generateSafePrime, type SafePrimeProgress } from '../../src/dh/safe-prime.ts'
import { primesBelow, sieve } from '../../src/dh/sieve.ts'

test.each([
  ['32 bits with our own test', 32, byMillerRabin],
  ['256 bits with our own test', 256, byMillerRabin],
  ['512 bits with our own test', 512, byMillerRabin],
  ['512 bits with OpenSSL', 512, byOpenSsl],
])('a safe prime of %s', async (_, bits, isPrime) => {
  const p = await generateSafePrime(bits, { isPrime })
  expect(p.toString(2)).toHaveLength(bits)
  expect(p % 8n).toBe(7n)
  expect(checkPrimeSync(p, { checks: 64 })).toBe(true)
  expect(checkPrimeSync(p >> 1n, { checks: 64 })).toBe(true)
})

test('every search starts elsewhere, and where its random source says', async () => {
  const [a, b] = await Promise.all([generateSafePrime(64), generateSafePrime(64)])
  expect(a).not.toBe(b)
  const fromZero = await generateSafePrime(64, { random: bytes => new Uint8Array(bytes) })
  expect(fromZero - 2n ** 63n).toBeLessThan(2n ** 24n)
  expect(fromZero).toBeGreaterThan(2n ** 63n)
})

test('progress counts each candidate once and goes about as expected', async () => {
  const totals = { tried: 0, expected: 0 }
  for (let search = 0; search < 40; search += 1) {
    const seen: SafePrimeProgress[] = []
    await generateSafePrime(128, { onProgress: progress => seen.push(progress) })
    expect(seen.map(({ tried }) => tried)).toEqual(seen.map((_, i) => i + 1))
    expect(new Set(seen.map(({ expected }) => expected)).size).toBe(1)
    totals.tried += seen.length
    totals.expected += seen[0]?.expected ?? 0
  }
  // A mean of 40 waits for one event varies by a sixth; a factor of two is more than six times that.
  expect(totals.tried / totals.expected).toBeGreaterThan(0.5)
  expect(totals.tried / totals.expected).toBeLessThan(2)
})

const NEVER: PrimalityTest = async n => {
  await byMillerRabin(n, 1)
  return false
}

test('an abort ends the search with its reason, without another candidate', async () => {
  const stop = new AbortController()
  let tried = 0
  const search = generateSafePrime(64, {
    isPrime: NEVER,
    signal: stop.signal,
    onProgress: progress => {
      tried = progress.tried
      if (tried === 10) stop.abort(new Error('enough'))
    },
  })
  await expect(search).rejects.toThrow('enough')
  // The tests that were under way at once may finish.
  expect(tried).toBeLessThan(10 + 4)
})

test('the event loop turns during a search', async () => {
  const stop = new AbortController()
  const search = generateSafePrime(256, { isPrime: NEVER, signal: stop.signal })
  setTimeout(() => stop.abort(new Error('the timer ran')), 1)
  await expect(search).rejects.toThrow('the timer ran')
})

test('a pair that fails the thorough test is not taken, and the search goes on', async () => {
  let thorough = 0
  const isPrime: PrimalityTest = async (n, rounds) => {
    if (rounds > 1) thorough += 1
    return rounds > 1 && thorough === 1 ? false : byMillerRabin(n, rounds)
  }
  const p = await generateSafePrime(64, { isPrime })
  expect(thorough).toBe(3)
  expect(checkPrimeSync(p)).toBe(true)
})

test('too short a prime is a programming mistake', async () => {
  for (const bits of [31, 0, -1, 64.5, Number.NaN]) await expect(generateSafePrime(bits)).rejects.toThrow(RangeError)
})

test('primesBelow stops before its limit', () => {
  expect([...primesBelow(14)]).toEqual([2, 3, 5, 7, 11, 13])
  expect([...primesBelow(13)]).toEqual([2, 3, 5, 7, 11])
  expect([...primesBelow(3)]).toEqual([2])
  expect([...primesBelow(2)]).toEqual([])
  expect(primesBelow(1_000_000)).toHaveLength(78_498)
})

test('the sieve leaves exactly those q where no small prime divides q or 2q + 1, over several segments', () => {
  const primes = primesBelow(200).subarray(2)
  const start = 12_000_000_011
  const end = start + 4_000_000
  const expected: bigint[] = []
  for (let q = start; q < end; q += 12) {
    if (primes.every(prime => q % prime !== 0 && (2 * q + 1) % prime !== 0)) expected.push(BigInt(q))
  }
  const left = [...sieve(BigInt(start), primes, BigInt(end))]
  // Not toEqual: the difference of two such lists would take minutes to print.
  expect(left.find((q, i) => q !== expected[i])).toBeUndefined()
  expect(left).toHaveLength(expected.length)
})
