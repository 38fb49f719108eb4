/** Bits of the exponent taken at once: 5 needs 16 precomputed powers and is best from about 200 to 3,000 bits. */
const WINDOW_BITS = 5

/** Cuts a binary numeral into single zeros and windows of up to five digits that begin and end with 1. */
const WINDOWS = new RegExp(`0|1(?:[01]{0,${WINDOW_BITS - 2}}1)?`, 'g')

/**
 * Computes `base ** exponent % modulus` by sliding windows (Handbook of Applied Cryptography, algorithm 14.85): one
 * squaring for each bit of the exponent and one multiplication for about every sixth.
 *
 * **Not constant time.** How long `bigint` takes depends on its values, and which powers are multiplied depends on the
 * exponent. Whoever times one exponentiation very well learns a little about that exponent. That is acceptable here
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
