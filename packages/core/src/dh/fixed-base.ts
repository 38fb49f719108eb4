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
