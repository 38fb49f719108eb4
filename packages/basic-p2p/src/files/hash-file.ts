import type { Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

/** Bytes read at once: few calls, little memory, and texts never wait long for their turn. */
const READ_BYTES = 2 ** 20

/**
 * Adds bytes of a file to a running hash.
 *
 * @param start offset of the first of them
 * @param end offset behind the last of them, which may lie beyond the end of the file
 * @param signal stops it after the bytes that are being read
 * @returns the offset that was reached: less than `end` where the file ends before, or the signal came
 */
export async function hashFile(
  handle: FileHandle,
  hash: Hash,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(end - start, 1)))
  let position = start
  while (position < end && !signal.aborted) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - position), position)
    if (bytesRead === 0) break
    hash.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  }
  return position
}
