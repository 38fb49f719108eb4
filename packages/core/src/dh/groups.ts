import { ChatError } from '../errors.ts'
import { lazily } from '../lazily.ts'
import { bitLength } from './integers.ts'

/**
 * A Diffie-Hellman group: the squares modulo a safe prime. Only namedGroup and checkGroup make one, so the
 * holder of a Group need not test it again.
 */
export interface Group {
  /** The name on the wire: `ffdhe3072`, or `sha256:` and the hash of the parameters for a group from a file. */
  readonly name: string
  /** The safe prime. */
  readonly p: bigint
  /** (p - 1) / 2, prime as well: the order of the subgroup that g generates. */
  readonly q: bigint
  readonly g: bigint
  /** Length of p in bits. */
  readonly bits: number
  /** Length of public values and shared secrets in bytes. */
  readonly bytes: number
  /** Length of private exponents in bits. */
  readonly exponentBits: number
}

/**
 * Shortest private exponents in bits for a prime of that many bits (RFC 7919, section 5.2 and appendix A). The best
 * attack on a short exponent takes the square root of its range, so these are twice the strength of the prime itself;
 * a longer exponent would cost time and gain nothing.
 */
const EXPONENT_BITS: readonly (readonly [primeBits: number, exponentBits: number])[] = [
  [2048, 225],
  [3072, 275],
  [4096, 325],
  [6144, 375],
  [8192, 400],
]

/** What the formula of a named group needs to know. */
interface Recipe {
  readonly constant: (bits: number) => bigint
  readonly bits: number
  /** The smallest number that makes both p and (p - 1) / 2 prime: its authors had nothing to choose. */
  readonly addend: bigint
}

/** ffdhe from RFC 7919, appendix A; modp from RFC 3526, sections 3 to 7. */
const RECIPES: ReadonlyMap<string, Recipe> = new Map([
  ['ffdhe2048', { constant: scaledE, bits: 2048, addend: 560_316n }],
  ['ffdhe3072', { constant: scaledE, bits: 3072, addend: 2_625_351n }],
  ['ffdhe4096', { constant: scaledE, bits: 4096, addend: 5_736_041n }],
  ['ffdhe6144', { constant: scaledE, bits: 6144, addend: 15_705_020n }],
  ['ffdhe8192', { constant: scaledE, bits: 8192, addend: 10_965_728n }],
  ['modp14', { constant: scaledPi, bits: 2048, addend: 124_476n }],
  ['modp15', { constant: scaledPi, bits: 3072, addend: 1_690_314n }],
  ['modp16', { constant: scaledPi, bits: 4096, addend: 240_904n }],
  ['modp17', { constant: scaledPi, bits: 6144, addend: 929_484n }],
  ['modp18', { constant: scaledPi, bits: 8192, addend: 4_743_158n }],
])

/** The groups that need no file. */
export const groupNames: readonly string[] = [...RECIPES.keys()]

const made = new Map<string, Group>()

/**
 * A group by its name, whose numbers are computed on first use: that its digits are those of e or pi is what shows that nobody chose them
 * to hide a weakness. The same name gives the same object.
 *
 * @param name one of groupNames
 * @throws {ChatError} `unknown-group`
 */
export function namedGroup(name: string): Group {
  const known = made.get(name)
  if (known !== undefined) return known
  const recipe = RECIPES.get(name)
  if (recipe === undefined) throw new ChatError('unknown-group', `no group is called ${name}: ${groupNames.join(', ')}`)
  const group = describeRecipe(name, recipe)
  made.set(name, group)
  return group
}

/** A group whose numbers are computed when somebody needs them: a client offers six groups by name, and uses one. */
function describeRecipe(name: string, recipe: Recipe): Group {
  const { bits } = recipe
  const prime = lazily(() => primeOf(recipe))
  return Object.freeze({
    name,
    get p() {
      return prime()
    },
    get q() {
      return prime() >> 1n
    },
    g: 2n,
    bits,
    bytes: bits / 8,
    exponentBits: exponentBitsFor(bits),
  })
}

/** p = 2^n - 2^(n-64) + (floor(2^(n-130) c) + addend) 2^64 - 1: the top and bottom 64 bits are ones. */
function primeOf({ constant, bits, addend }: Recipe): bigint {
  const n = BigInt(bits)
  return (1n << n) - (1n << (n - 64n)) + ((constant(bits - 130) + addend) << 64n) - 1n
}

/**
 * Works out the lengths that follow from p. It tests nothing: that is for checkGroup, or for an RFC, to have done.
 *
 * @throws {RangeError} when p is longer than any prime of the table
 */
export function describeGroup(name: string, p: bigint, g: bigint): Group {
  const bits = bitLength(p)
  return Object.freeze({
    name,
    p,
    q: p >> 1n,
    g,
    bits,
    bytes: Math.ceil(bits / 8),
    exponentBits: exponentBitsFor(bits),
  })
}

/** @throws {RangeError} when no prime of the table is so long */
function exponentBitsFor(bits: number): number {
  const row = EXPONENT_BITS.find(([primeBits]) => bits <= primeBits)
  if (row === undefined) throw new RangeError(`no exponent length is known for a prime of ${bits} bits`)
  return row[1]
}

/** Bits computed beyond those asked for, which take up the rounding of some thousand additions. */
const GUARD_BITS = 64

/** The integer part of 2^bits * pi, by Machin's formula: pi = 16 arctan(1/5) - 4 arctan(1/239). */
export function scaledPi(bits: number): bigint {
  const one = 1n << BigInt(bits + GUARD_BITS)
  return (16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one)) >> BigInt(GUARD_BITS)
}

/** The integer part of 2^bits * e, by e = 1/0! + 1/1! + 1/2! + ... */
export function scaledE(bits: number): bigint {
  let sum = 0n
  let term = 1n << BigInt(bits + GUARD_BITS)
  for (let k = 1n; term !== 0n; k += 1n) {
    sum += term
    term /= k
  }
  return sum >> BigInt(GUARD_BITS)
}

/** arctan(1/x) = 1/x - 1/(3 x^3) + 1/(5 x^5) - ..., in units of 1/one. */
function arctanOfInverse(x: bigint, one: bigint): bigint {
  let sum = 0n
  let power = one / x
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -(power / k)
    power /= x * x
  }
  return sum
}
