/** How many bits a non-negative integer needs; 0 needs none. */
export function bitLength(value: bigint): number {
  if (value === 0n) return 0
  const hex = value.toString(16)
  return 4 * (hex.length - 1) + (32 - Math.clz32(Number.parseInt(hex.charAt(0), 16)))
}

/** How often 2 divides a positive number. */
export function trailingZeros(value: bigint): number {
  let zeros = 0
  let low = Number(BigInt.asUintN(32, value))
  for (; low === 0; zeros += 32) low = Number(BigInt.asUintN(32, value >> BigInt(zeros + 32)))
  // low & -low leaves the lowest set bit alone.
  return zeros + 31 - Math.clz32(low & -low)
}
