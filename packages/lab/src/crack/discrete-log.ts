import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { type SearchOptions, STEPS_PER_TURN, turn } from './search.ts'

/** The question: which x makes g^x = h modulo p? */
export interface DiscreteLog {
  /** An odd prime. */
  readonly p: bigint
  /** The order of g, a prime: g^q = 1. */
  readonly q: bigint
  readonly g: bigint
  /** A power of g. */
  readonly h: bigint
}

/** The answer, and what it cost. */
export interface Solution {
  /** From 0 to q - 1. */
  readonly exponent: bigint
  /** Multiplications modulo p. */
  readonly steps: number
}

/** @throws {RangeError} when h is no power of g: then a search would never end */
export function checkIsPower({ p, q, h }: DiscreteLog): void {
  if (h < 1n || h >= p || modPow(h, q, p) !== 1n) throw new RangeError('h is not in the group that g generates')
}

/** Most entries of the table: about 200 MB. A larger group takes more giant steps in its place. */
const MOST_BABY_STEPS = 2 ** 21

export interface TableOptions extends SearchOptions {
  /** Entries of the table, sqrt(q) if not said. With m of them m giant steps go through all exponents below m^2. */
  readonly babySteps?: number
}

/**
 * Finds a discrete logarithm with a table (Shanks 1971; Handbook of Applied Cryptography, algorithm 3.56).
 *
 * Every x is i m + j with j < m. So h (g^-m)^i = g^j for some i: the table holds all g^j, and giant steps of m walk from
 * h until they hit it. With m = sqrt(q) both parts take sqrt(q) multiplications, which is as good as it gets without
 * looking into the numbers (Shoup, EUROCRYPT '97); the price is the memory.
 *
 * @throws {RangeError} when h is no power of g
 * @throws the signal's reason after an abort
 */
export async function babyStepGiantStep(problem: DiscreteLog, options: TableOptions = {}): Promise<Solution> {
  checkIsPower(problem)
  const { p, q, g, h } = problem
  const { babySteps = Math.ceil(Math.sqrt(Number(q))) } = options
  const m = Math.min(MOST_BABY_STEPS, babySteps)
  let steps = 0

  const table = new Map<bigint, number>()
  for (let j = 0, power = 1n; j < m; j += 1) {
    table.set(power, j)
    power = (power * g) % p
    steps += 1
    if (steps % STEPS_PER_TURN === 0) await turn(steps, options)
  }

  const back = modPow(g, q - (BigInt(m) % q), p)
  for (let i = 0n, at = h; ; i += 1n) {
    const j = table.get(at)
    if (j !== undefined) return { exponent: (i * BigInt(m) + BigInt(j)) % q, steps }
    at = (at * back) % p
    steps += 1
    if (steps % STEPS_PER_TURN === 0) await turn(steps, options)
  }
}
