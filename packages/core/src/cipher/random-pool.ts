import { randomFillSync } from 'node:crypto'

/** Gives that many unpredictable bytes, in a buffer that belongs to the caller. */
export type RandomSource = (bytes: number) => Uint8Array

/** One call to the generator for 256 IVs: the call costs far more than the bytes. */
const POOL_BYTES = 4_096

/**
 * A random source that draws from the operating system's generator in large pieces. What is handed out is wiped from
 * the pool, so the pool never holds a byte that is in use anywhere.
 *
 * @param fill overwrites the whole buffer with unpredictable bytes
 * @returns a source that throws RangeError for anything but a whole number of bytes from 0 up
 */
export function randomPool(fill: (buffer: Uint8Array) => void = randomFillSync): RandomSource {
  const pool = new Uint8Array(POOL_BYTES)
  let next = POOL_BYTES

  return bytes => {
    if (!(Number.isSafeInteger(bytes) && bytes >= 0)) throw new RangeError(`bytes must be 0 or more, got ${bytes}`)
    if (bytes > POOL_BYTES) {
      const large = new Uint8Array(bytes)
      fill(large)
      return large
    }
    if (bytes > POOL_BYTES - next) {
      fill(pool)
      next = 0
    }
    const given = pool.slice(next, next + bytes)
    pool.fill(0, next, next + bytes)
    next += bytes
    return given
  }
}

/** The source for everything that takes none. */
export const randomBytes: RandomSource = randomPool()
