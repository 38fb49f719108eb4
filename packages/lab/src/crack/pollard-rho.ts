import { bitLength, randomBetween } from '@p2p-secure-chat/core/dh/integers'
import type { RandomSource } from '@p2p-secure-chat/core/cipher/random-pool'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { checkIsPower, type DiscreteLog, type Solution } from './discrete-log.ts'
import { type SearchOptions, STEPS_PER_TURN, turn } from './search.ts'

/** Numbers that a walk multiplies with, a power of two: with 20 or more it meets itself as soon as a random one would. */
export const MULTIPLIERS = 32
const MULTIPLIER_BITS = 5

/** A walk remembers about 2^12 points before it is expected to meet itself. */
const REMEMBERED_BITS = 12

/** A walk that passes no point worth remembering for this many times the usual distance is in a cycle without one. */
const PATIENCE = 64

/** A point of a walk as we know it: g^a h^b. */
interface Known {
  readonly a: bigint
  readonly b: bigint
}

export interface RhoOptions extends SearchOptions {
  /** Makes the walk. The same bytes make the same walk. */
  readonly random: RandomSource
}

/**
 * Finds a discrete logarithm in constant memory (Pollard 1978).
 *
 * A walk starts at a random g^a h^b and multiplies itself with one of 32 such numbers, chosen by where it stands (Teske
 * 1998). Some day it comes to a point where it has been, and its way from there on looks like the letter rho. As it came
 * by another way, g^a h^b = g^a' h^b', and so x = (a - a') / (b' - b) modulo q. By the birthday paradox that day comes
 * after about sqrt(pi q / 2) steps. Not every point is remembered, only those that end in enough zeros (van Oorschot and
 * Wiener 1999): once the walk is in its circle it comes by one of them again.
 *
 * @throws {RangeError} when h is no power of g
 * @throws the signal's reason after an abort
 */
export async function pollardRho(problem: DiscreteLog, options: RhoOptions): Promise<Solution> {
  checkIsPower(problem)
  const { q } = problem
  let steps = 0
  // A walk finds nothing where b = b', which is rare unless q is tiny, or where its circle has no point to remember.
  for (;;) {
    const walk = await meetItself(problem, steps, options)
    steps = walk.steps
    if (walk.met === null) continue
    const [one, other] = walk.met
    const b = (((other.b - one.b) % q) + q) % q
    if (b === 0n) continue
    const a = (((one.a - other.a) % q) + q) % q
    return { exponent: (a * modPow(b, q - 2n, q)) % q, steps }
  }
}

interface Walk {
  readonly met: readonly [Known, Known] | null
  readonly steps: number
}

async function meetItself({ p, q, g, h }: DiscreteLog, before: number, options: RhoOptions): Promise<Walk> {
  const { random } = options
  const draw = (): Known => ({ a: randomBetween(0n, q - 1n, random), b: randomBetween(0n, q - 1n, random) })
  const pointOf = ({ a, b }: Known) => (modPow(g, a, p) * modPow(h, b, p)) % p

  const multipliers = Array.from({ length: MULTIPLIERS }, draw)
  const factors = multipliers.map(pointOf)
  const start = draw()
  // How often each multiplier was used is all that a step has to note; a and b follow from it when they are needed.
  const used = new Float64Array(MULTIPLIERS)

  function here(): Known {
    let { a, b } = start
    for (const [i, multiplier] of multipliers.entries()) {
      const times = BigInt(used[i] ?? 0)
      a += times * multiplier.a
      b += times * multiplier.b
    }
    return { a: a % q, b: b % q }
  }

  const zeros = Math.max(0, (bitLength(q) >> 1) - REMEMBERED_BITS)
  const mask = 2 ** zeros - 1
  const remembered = new Map<bigint, Known>()
  let steps = before
  let since = 0
  let point = pointOf(start)
  for (;;) {
    const low = Number(BigInt.asUintN(32, point))
    if (((low >>> MULTIPLIER_BITS) & mask) === 0) {
      const known = here()
      const met = remembered.get(point)
      if (met !== undefined) return { met: [known, met], steps }
      remembered.set(point, known)
      since = 0
    }
    const i = low % MULTIPLIERS
    point = (point * (factors[i] ?? 1n)) % p
    used[i] = (used[i] ?? 0) + 1
    steps += 1
    since += 1
    if (since > PATIENCE * (mask + 1)) return { met: null, steps }
    if (steps % STEPS_PER_TURN === 0) await turn(steps, options)
  }
}

/** How many steps it takes on average: sqrt(pi q / 2), and a little more because 32 multipliers are not infinitely many. */
export function expectedRhoSteps(q: bigint): number {
  return Math.sqrt((Math.PI * Number(q)) / 2) * Math.sqrt(MULTIPLIERS / (MULTIPLIERS - 1))
}
