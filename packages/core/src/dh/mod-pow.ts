/** Bits of the exponent taken at once: 5 needs 16 precomputed powers and is best from about 200 to 3,000 bits. */
const WINDOW_BITS = 5

/** Cuts a binary numeral into single zeros and windows of up to five digits that begin and end with 1. */
const WINDOWS = new RegExp(`0|1(?:[01]{0,${WINDOW_BITS - 2}}1)?`, 'g')

/**
 * Computes `base ** exponent % modulus` by sliding windows (Handbook of Applied Cryptography, algorithm 14.85): one
 * squaring for each bit of the exponent and one multiplication for about every sixth.
 *
 * **Not constant time.** How long `bigint` takes depends on its values, and which powers are multiplied depends on the
 * exponent. An attacker who times one exponentiation very precisely learns a little about that exponent. That is acceptable here
 * because an exponent is drawn afresh for each handshake and used in it once, so there is nothing to average over;
 * with a long-lived exponent (static Diffie-Hellman, RSA) this function would be a mistake.
 *
 * @param base any integer, reduced first
 * @throws {RangeError} when the exponent is negative or the modulus is not positive
 */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  if (exponent < 0n) throw new RangeError('exponent must not be negative')
  if (modulus <= 0n) throw new RangeError('modulus must be positive')
  const reduced = ((base % modulus) + modulus) % modulus
  const square = (reduced * reduced) % modulus
  const oddPowers = [reduced]
  for (let last = reduced; oddPowers.length < 2 ** (WINDOW_BITS - 1); oddPowers.push(last)) {
    last = (last * square) % modulus
  }

  let result = 1n % modulus
  for (const [window] of exponent.toString(2).matchAll(WINDOWS)) {
    for (let bit = 0; bit < window.length; bit += 1) result = (result * result) % modulus
    // The window 1 is oddPowers[0], 11 is [1], 101 is [2]; a window of 0 has no entry and multiplies nothing.
    const power = window === '0' ? undefined : oddPowers[Number.parseInt(window, 2) >> 1]
    if (power !== undefined) result = (result * power) % modulus
  }
  return result
}

/** Exponent bits that one table looks up at once: 2^8 entries. */
const TEETH = 8

/** Tables side by side: two combs of eight teeth cost 44 multiplications for 225 bits, where plain squaring costs 270. */
const COMBS = 2

/** Raises one base to an exponent. */
export type FixedBase = (exponent: bigint) => bigint

/**
 * Exponentiation for a base that stays, such as the generator of a group (the comb of Lim and Lee, CRYPTO '94).
 *
 * The exponent is written in sixteen rows of equal length. One column of these rows, read as two bytes, selects two
 * products of the sixteen powers g, g^(2^length), g^(2^(2 length)), ...; so a squaring advances all rows at once. The
 * tables take 2 * 256 numbers and about three exponentiations to build, and are built by the first call.
 *
 * Not constant time, like modPow: for exponents that are used once.
 *
 * @param maxBits the longest exponent in bits
 * @returns a function of an exponent from 0 to 2^maxBits - 1 that throws RangeError for any other
 */
export function fixedBase(base: bigint, modulus: bigint, maxBits: number): FixedBase {
  const length = Math.ceil(maxBits / (TEETH * COMBS))
  let tables: bigint[][] | null = null

  function build(): bigint[][] {
    let tooth = base % modulus
    return Array.from({ length: COMBS }, () => {
      const table = [1n]
      for (let row = 0; row < TEETH; row += 1) {
        // Every product so far, without and with this tooth: entry m holds the teeth whose bits are set in m.
        table.push(...table.map(product => (product * tooth) % modulus))
        for (let bit = 0; bit < length; bit += 1) tooth = (tooth * tooth) % modulus
      }
      return table
    })
  }

  return exponent => {
    if (exponent < 0n || exponent >> BigInt(maxBits) !== 0n) throw new RangeError(`exponent must have ${maxBits} bits`)
    tables ??= build()
    const bits = exponent.toString(2).padStart(length * TEETH * COMBS, '0')
    let result = 1n
    for (let column = 0; column < length; column += 1) {
      result = (result * result) % modulus
      for (const [comb, table] of tables.entries()) {
        // The text has the highest row first, so the last rows belong to the first comb.
        let selected = 0
        const firstRow = (COMBS - 1 - comb) * TEETH
        for (let row = firstRow; row < firstRow + TEETH; row += 1) {
          selected = 2 * selected + Number(bits[row * length + column])
        }
        result = (result * (table[selected] ?? 1n)) % modulus
      }
    }
    return result
  }
}
