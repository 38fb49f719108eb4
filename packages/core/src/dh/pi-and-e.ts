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
