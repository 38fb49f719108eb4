import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt } from '@p2p-secure-chat/core/files/file-error'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'
import { hashFile } from './file-bytes.ts'

/** A file of ours to send. */
export interface SourceFile {
  readonly path: string
  readonly name: string
  readonly size: number
  /** Of its content when opened, hex. */
  readonly sha256: string
  /**
   * Fills all buffers, from that position on.
   *
   * @throws {ChatError} `unreadable`; `file-changed` if there are no longer that many bytes
   */
  read(buffers: readonly Uint8Array[], position: number): Promise<void>
  /** @throws {ChatError} `file-changed` if it was written to since it was opened, `unreadable` */
  requireUnchanged(): Promise<void>
  close(): Promise<void>
}

/** Checks that a file can be sent. @returns its size in bytes @throws {ChatError} `unreadable`, also if it is not a regular file */
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
 * Opens a file and hashes it to its end. Its size is the number of bytes read; the size that the system reports has to
 * match.
 *
 * @param signal stops it
 * @throws {ChatError} `unreadable`, also if it is not a regular file, or if the system misreports its size (as in /proc and
 * most of /sys); `file-changed` if it is being written to, or if stopped
 */
export async function openSource(path: string, signal: AbortSignal): Promise<SourceFile> {
  const reading = <T>(work: () => Promise<T>) => attempt('unreadable', path, work)
  const handle = await reading(() => openRegularFile(path, constants.O_RDONLY))
  try {
    const stamp = await reading(() => stampOf(handle))
    const hash = createHash('sha256')
    // Read one byte beyond the stated size, to find the real end.
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

/** Metadata that changes when somebody writes to the file. */
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

/** Nothing was written, so an error while closing loses nothing. */
function closeRead(handle: FileHandle): Promise<void> {
  return handle.close().catch(() => undefined)
}

function fileChanged(path: string): ChatError {
  return new ChatError('file-changed', `${path} changed while it was being read`)
}

/** The file did not change, so the system misreports its size. */
function unknownSize(path: string, stated: number, read: number): ChatError {
  const found = read > stated ? 'more' : read
  const what = `the system misreports the size of ${path}: it states ${stated} bytes, but the file has ${found}`
  return new ChatError('unreadable', `${what}; copy it with cat, and send the copy`)
}
