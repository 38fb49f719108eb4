import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { basename } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt } from '@p2p-secure-chat/core/files/file-error'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'
import { hashFile } from './file-bytes.ts'

/** A file of ours that is to be sent. */
export interface SourceFile {
  readonly path: string
  readonly name: string
  readonly size: number
  /** Of its content when it was opened, hex. */
  readonly sha256: string
  /**
   * Fills all the buffers from that position on.
   *
   * @throws {ChatError} `unreadable`; `file-changed` when there are not so many bytes any more
   */
  read(buffers: readonly Uint8Array[], position: number): Promise<void>
  /** @throws {ChatError} `file-changed` when it was written to since it was opened, `unreadable` */
  requireUnchanged(): Promise<void>
  close(): Promise<void>
}

/** Looks whether a file can be sent. @returns its bytes now @throws {ChatError} `unreadable`, also for what is no file */
export function sizeOfSource(path: string): Promise<number> {
  return attempt('unreadable', path, async () => {
    const handle = await openRegularFile(path, constants.O_RDONLY)
    try {
      return (await handle.stat()).size
    } finally {
      await handle.close().catch(() => undefined)
    }
  })
}

/**
 * Opens a file and hashes it, from its first byte to its end: its size is what was read, and what the system says of it is
 * only checked against that.
 *
 * @param signal stops it
 * @throws {ChatError} `unreadable`, also for what is no file, and for a file whose size the system does not say (those of
 * /proc and most of /sys); `file-changed` when it is being written to, or it was stopped
 */
export async function openSource(path: string, signal: AbortSignal): Promise<SourceFile> {
  const reading = <T>(work: () => Promise<T>) => attempt('unreadable', path, work)
  const handle = await reading(() => openRegularFile(path, constants.O_RDONLY))
  const changed = () => new ChatError('file-changed', `${path} was written to while it was read`)

  async function stamp(): Promise<{ size: number; modified: bigint }> {
    const { size, mtimeNs } = await handle.stat({ bigint: true })
    return { size: Number(size), modified: mtimeNs }
  }

  /** Nothing was written, so nothing can be lost: whatever the system says now, it may keep. */
  const close = () => handle.close().catch(() => undefined)

  try {
    const { size, modified } = await reading(stamp)
    const hash = createHash('sha256')
    // One byte more than there should be: where the file ends is known only once nothing more comes.
    const bytes = await reading(() => hashFile(handle, hash, 0, size + 1, signal))
    const requireUnchanged = async () => {
      const now = await reading(stamp)
      if (now.size !== size || now.modified !== modified) throw changed()
    }
    if (signal.aborted) throw changed()
    await requireUnchanged()
    if (bytes !== size) throw unknownSize(path, size, bytes)
    return {
      path,
      name: basename(path),
      size,
      sha256: hash.digest('hex'),
      async read(buffers, position) {
        const wanted = buffers.reduce((sum, { length }) => sum + length, 0)
        const { bytesRead } = await reading(() => handle.readv(buffers, position))
        if (bytesRead !== wanted) throw changed()
      },
      requireUnchanged,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Nothing wrote to it, so the system never knew how long it is. */
function unknownSize(path: string, stated: number, read: number): ChatError {
  const found = read > stated ? 'it has more' : `it has ${read}`
  const advice = 'copy it with cat, and send the copy'
  return new ChatError(
    'unreadable',
    `${path} does not say its size: ${stated} bytes are stated, and ${found}; ${advice}`,
  )
}
