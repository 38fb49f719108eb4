import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
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
      await closeRead(handle)
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
  try {
    const stamp = await reading(() => stampOf(handle))
    const hash = createHash('sha256')
    // One byte more than there should be: where the file ends is known only once nothing more comes.
    const bytes = await reading(() => hashFile(handle, hash, 0, stamp.size + 1, signal))
    const source = new OpenSource(path, handle, stamp, hash.digest('hex'))
    if (signal.aborted) throw fileChanged(path)
    await source.requireUnchanged()
    if (bytes !== stamp.size) throw unknownSize(path, stamp.size, bytes)
    return source
  } catch (error) {
    await closeRead(handle)
    throw error
  }
}

/** What the system says of a file that nobody has written to. */
interface Stamp {
  readonly size: number
  readonly modified: bigint
}

class OpenSource implements SourceFile {
  readonly path: string
  readonly name: string
  readonly size: number
  readonly sha256: string
  readonly #handle: FileHandle
  readonly #stamp: Stamp

  constructor(path: string, handle: FileHandle, stamp: Stamp, sha256: string) {
    this.path = path
    this.name = basename(path)
    this.size = stamp.size
    this.sha256 = sha256
    this.#handle = handle
    this.#stamp = stamp
  }

  async read(buffers: readonly Uint8Array[], position: number): Promise<void> {
    const wanted = buffers.reduce((sum, { length }) => sum + length, 0)
    const { bytesRead } = await this.#reading(() => this.#handle.readv(buffers, position))
    if (bytesRead !== wanted) throw fileChanged(this.path)
  }

  async requireUnchanged(): Promise<void> {
    const { size, modified } = await this.#reading(() => stampOf(this.#handle))
    if (size !== this.#stamp.size || modified !== this.#stamp.modified) throw fileChanged(this.path)
  }

  close(): Promise<void> {
    return closeRead(this.#handle)
  }

  #reading<T>(work: () => Promise<T>): Promise<T> {
    return attempt('unreadable', this.path, work)
  }
}

async function stampOf(handle: FileHandle): Promise<Stamp> {
  const { size, mtimeNs } = await handle.stat({ bigint: true })
  return { size: Number(size), modified: mtimeNs }
}

/** Nothing was written, so nothing can be lost: whatever the system says now, it may keep. */
function closeRead(handle: FileHandle): Promise<void> {
  return handle.close().catch(() => undefined)
}

function fileChanged(path: string): ChatError {
  return new ChatError('file-changed', `${path} was written to while it was read`)
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
