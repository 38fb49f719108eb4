import { millerRabin } from '@p2p-secure-chat/core/dh/primality'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fixedBytes } from '../../../core/test/support/fixed-bytes.ts'
import { babyStepGiantStep, type DiscreteLog, type Solution } from '../../src/crack/discrete-log.ts'
import { expectedRhoSteps, pollardRho } from '../../src/crack/pollard-rho.ts'
import type { SearchOptions } from '../../src/crack/search.ts'
import { toyGroupNamed } from '../../src/textbook/toy-exchange.ts'

type Algorithm = (problem: DiscreteLog, options?: SearchOptions) => Promise<Solution>

const ALGORITHMS: readonly (readonly [name: string, run: Algorithm])[] = [
  ['baby-step giant-step', babyStepGiantStep],
  ['pollard rho', (problem, options) => pollardRho(problem, { ...options, random: fixedBytes('walk') })],
]

/** The next safe prime from a number on. */
function safePrimeFrom(start: bigint): bigint {
  for (let p = start | 3n; ; p += 4n) if (millerRabin(p, 10) && millerRabin(p >> 1n, 10)) return p
}

// A table of 2^20 numbers takes its time, so the larger ones are for the walk; below both meet in one of 40 bits.
test.each([
  ['baby-step giant-step', 32],
  ['pollard rho', 40],
] as const)('%s finds exponents modulo safe primes of 16 to %i bits', async (name, most) => {
  const run = new Map(ALGORITHMS).get(name) ?? babyStepGiantStep
  const problem = fc.integer({ min: 16, max: most }).chain(bits =>
    fc.record({
      p: fc.bigInt(2n ** BigInt(bits - 1), 2n ** BigInt(bits) - 1n).map(safePrimeFrom),
      root: fc.bigInt(2n, 2n ** 15n),
      exponent: fc.bigInt(0n, 2n ** 64n),
    }),
  )
  await fc.assert(
    fc.asyncProperty(problem, async ({ p, root, exponent }) => {
      const q = p >> 1n
      const g = (root * root) % p
      const h = modPow(g, exponent, p)
      const found = await run({ p, q, g, h })
      expect(found.exponent).toBe(exponent % q)
      expect(found.steps).toBeLessThan(40 * Math.sqrt(Number(q)))
    }),
    { numRuns: 20 },
  )
})

test.each(ALGORITHMS)('%s finds every exponent modulo the smallest safe primes', async (_, run) => {
  for (const p of [5n, 7n, 11n, 23n, 47n, 59n]) {
    const q = p >> 1n
    for (let exponent = 0n; exponent < q; exponent += 1n) {
      expect((await run({ p, q, g: 4n, h: modPow(4n, exponent, p) })).exponent).toBe(exponent)
    }
  }
})

test('a smaller table finds a small exponent sooner', async () => {
  const { p, q, g } = toyGroupNamed('toy64')
  const babySteps = 100
  const found = await babyStepGiantStep({ p, q, g, h: modPow(g, 9_999n, p) }, { babySteps })
  expect(found).toEqual({ exponent: 9_999n, steps: babySteps + 99 })
})

test('both find the same in a toy group, in about as many steps as they should', async () => {
  const { p, q, g } = toyGroupNamed('toy32')
  let steps = 0
  const rounds = 24
  for (let round = 0; round < rounds; round += 1) {
    const h = modPow(g, BigInt(round + 1) ** 7n, p)
    const [one, other] = await Promise.all([
      babyStepGiantStep({ p, q, g, h }),
      pollardRho({ p, q, g, h }, { random: fixedBytes(`walk ${round}`) }),
    ])
    expect(one.exponent).toBe(other.exponent)
    steps += other.steps
  }
  const ratio = steps / rounds / expectedRhoSteps(q)
  expect(ratio).toBeGreaterThan(0.7)
  expect(ratio).toBeLessThan(1.4)
})

test('both find the same in a group of 40 bits', async () => {
  const { p, q, g } = toyGroupNamed('toy40')
  const problem = { p, q, g, h: modPow(g, 2n ** 38n + 12_345n, p) }
  expect((await babyStepGiantStep(problem)).exponent).toBe(2n ** 38n + 12_345n)
  expect((await pollardRho(problem, { random: fixedBytes('walk') })).exponent).toBe(2n ** 38n + 12_345n)
})

test('the same bytes make the same walk', async () => {
  const { p, q, g } = toyGroupNamed('toy32')
  const problem = { p, q, g, h: modPow(g, 123_456_789n, p) }
  const walks = await Promise.all(['a', 'a', 'b'].map(seed => pollardRho(problem, { random: fixedBytes(seed) })))
  expect(walks[0]).toEqual(walks[1])
  expect(walks[0]?.steps).not.toBe(walks[2]?.steps)
})

test.each(ALGORITHMS)('%s refuses what is no power of g', async (_, run) => {
  const { p, q, g } = toyGroupNamed('toy24')
  for (const h of [0n, p - 1n, p, p - g]) await expect(run({ p, q, g, h })).rejects.toThrow(RangeError)
})

test.each(ALGORITHMS)('%s tells how far it is, and ends when it is told to', async (_, run) => {
  const { p, q, g } = toyGroupNamed('toy64')
  const stop = new AbortController()
  const told: number[] = []
  const search = run(
    { p, q, g, h: modPow(g, 2n ** 62n - 12_345n, p) },
    {
      signal: stop.signal,
      onProgress(steps) {
        told.push(steps)
        if (told.length === 3) stop.abort(new Error('enough'))
      },
    },
  )
  await expect(search).rejects.toThrow('enough')
  expect(told).toHaveLength(3)
  expect(told).toEqual(told.toSorted((a, b) => a - b))
})
