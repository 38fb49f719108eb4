import { trailingZeros } from './integers.ts'

/**
 * The Jacobi symbol (a/n): for a prime n it is 1 when a is a square modulo n, -1 when it is not and 0 when n divides a.
 *
 * In a group with a safe prime p = 2q + 1 the squares are exactly the subgroup of order q, so one symbol replaces the
 * exponentiation y^q = 1 at a tenth of its cost or less (Handbook of Applied Cryptography, algorithm 2.149).
 *
 * @param a any integer, reduced first
 * @param n odd and positive
 * @throws {RangeError} when n is not
 */
export function jacobi(a: bigint, n: bigint): -1 | 0 | 1 {
  if (n <= 0n || (n & 1n) === 0n) throw new RangeError('n must be odd and positive')
  let top = ((a % n) + n) % n
  let bottom = n
  let negative = false
  while (top !== 0n) {
    const twos = trailingZeros(top)
    top >>= BigInt(twos)
    // (2/n) is -1 for n = 3 or 5 modulo 8.
    const bottomMod8 = Number(BigInt.asUintN(3, bottom))
    if (twos % 2 === 1 && (bottomMod8 === 3 || bottomMod8 === 5)) negative = !negative
    // Quadratic reciprocity: swapping two odd numbers changes the sign when both are 3 modulo 4.
    if (bottomMod8 % 4 === 3 && BigInt.asUintN(2, top) === 3n) negative = !negative
    const rest = bottom % top
    bottom = top
    top = rest
  }
  if (bottom !== 1n) return 0
  return negative ? -1 : 1
}
