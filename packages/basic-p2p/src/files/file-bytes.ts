import type { Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

/** Bytes to read at once: few calls, little memory, and texts never wait long. */
const READ_BYTES = 2 ** 20

/**
 * Adds bytes of a file to a running hash.
 *
 * @param start offset of the first byte
 * @param end offset after the last byte, which may lie beyond the end of the file
 * @param signal stops it after the current read
 * @returns the offset it reached: less than `end` if the file ends earlier or the signal came
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

/** Writes all pieces: a single writev() may write fewer bytes. */
export async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[], start: number): Promise<void> {
  let position = start
  let left = pieces
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left, position)
    position += bytesWritten
    left = without(left, bytesWritten)
  }
}

function without(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes
  const left: Uint8Array[] = []
  for (const piece of pieces) {
    if (skip < piece.length) left.push(piece.subarray(skip))
    skip = Math.max(0, skip - piece.length)
  }
  return left
}
