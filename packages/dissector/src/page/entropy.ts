/** What one byte can be. */
const SYMBOLS = 256

/** A term of the expectation this small changes no digit that anybody sees. */
const NEGLIGIBLE = 1e-12

/**
 * Shannon entropy of the bytes as they are, in bits per byte: 0 for equal bytes, at most log2 of their number, at most 8.
 *
 * @returns 0 for no bytes
 */
export function entropyOf(bytes: Uint8Array): number {
  const counts = new Uint32Array(SYMBOLS)
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1
  let sum = 0
  for (const count of counts) if (count > 0) sum += count * Math.log2(count)
  return bytes.length === 0 ? 0 : Math.max(0, Math.log2(bytes.length) - sum / bytes.length)
}

/**
 * The entropy that `size` bytes from a perfect random source show on average, in bits per byte. It lies below 8, and far
 * below for a short message: 64 bytes cannot show more than 6 bits, for they are at most 64 different ones.
 *
 * Each value occurs k times with the probability of the binomial distribution; its share of the sum in entropyOf is
 * k log2 k.
 *
 * @param size in bytes, 1 to 100,000: beyond that the first probability is too small for a number
 */
export function expectedEntropy(size: number): number {
  if (!(size >= 1 && size <= 100_000)) throw new RangeError(`size must be 1 to 100,000, got ${size}`)
  let probability = ((SYMBOLS - 1) / SYMBOLS) ** size
  let sum = 0
  for (let k = 0; k <= size; k += 1) {
    if (k > 0) sum += probability * k * Math.log2(k)
    if (k > size / SYMBOLS && probability * k < NEGLIGIBLE) break
    probability *= (size - k) / ((k + 1) * (SYMBOLS - 1))
  }
  return Math.max(0, Math.log2(size) - (SYMBOLS * sum) / size)
}
