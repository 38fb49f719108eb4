import { createHash } from 'node:crypto'
import type { RandomSource } from '../../src/cipher/random-pool.ts'

/**
 * Stands in for the random source where vectors must come out the same every time: the bytes of SHA-256(label | u32
 * big-endian i) for i = 0, 1, 2, ... in a row.
 */
export function fixedBytes(label: string): RandomSource {
  let ready = Buffer.alloc(0)
  let i = 0

  return bytes => {
    while (ready.length < bytes) {
      const counter = Buffer.alloc(4)
      counter.writeUInt32BE(i)
      i += 1
      ready = Buffer.concat([ready, createHash('sha256').update(label).update(counter).digest()])
    }
    const given = Uint8Array.from(ready.subarray(0, bytes))
    ready = ready.subarray(bytes)
    return given
  }
}
