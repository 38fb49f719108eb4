import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

/** Bytes read at once: few calls, little memory, and texts never wait long for their turn. */
const READ_BYTES = 2 ** 20

/** Hashes the first bytes of a file as it is now. @returns a running SHA-256, and how many bytes there were */
export async function hashFile(handle: FileHandle, bytes: number): Promise<{ hash: Hash; bytes: number }> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(bytes, 1)))
  let position = 0
  while (position < bytes) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, bytes - position), position)
    if (bytesRead === 0) break
    hash.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  }
  return { hash, bytes: position }
}
