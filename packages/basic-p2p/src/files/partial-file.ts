import { constants } from 'node:fs'
import { createHash } from 'node:crypto'
import { access, type FileHandle, open, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt, fileError } from '@p2p-secure-chat/core/files/file-error'
import { hashFile, writeAll } from './file-bytes.ts'
import { giveName } from './file-name.ts'
import { type Hashed, PartialStore, type OpenedPartial, stampOf } from './partial-store.ts'
import { newPartialName } from './partial-name.ts'

/**
 * Partial files that may be open at once, in all conversations together: each takes a descriptor, and up to a window of bytes
 * (about 1 MiB) that wait for the disk.
 */
export const PARTIALS_OPEN = 64

/** Unverified bytes are for nobody else to read, and no link may lead elsewhere. */
const MODE = 0o600
const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** Partial files that this process is receiving. */
const inUse = new Set<string>()

/** Whether PARTIALS_OPEN files are being received. */
export function partialsAreFull(): boolean {
  return inUse.size >= PARTIALS_OPEN
}

/** Checks that files can be received into a folder. @throws {ChatError} `unwritable` */
export async function requireFolder(folder: string): Promise<void> {
  await attempt('unwritable', folder, async () => {
    if (!(await stat(folder)).isDirectory()) throw new ChatError('unwritable', `${folder} is not a folder`)
    await access(folder, constants.W_OK | constants.X_OK)
  })
}

/**
 * Opens a partial file of a key that nobody is receiving, in this process or another one, or creates a new one. Files of the
 * same content may arrive at once, and must not write into each other.
 *
 * @param key identifies the whole file
 * @param size of the whole file, in bytes
 * @param signal says that the file is no longer wanted; an open file can then only be closed or removed
 * @returns null if the signal came before anything was opened
 * @throws {ChatError} `too-many` if PARTIALS_OPEN are open, `disk-full` if there is no room for the rest, `unwritable`
 */
export async function openPartial(
  folder: string,
  key: string,
  size: number,
  signal: AbortSignal,
): Promise<PartialFile | null> {
  if (partialsAreFull()) throw new ChatError('too-many', `${PARTIALS_OPEN} files are already being received`)
  const path = join(folder, newPartialName(key))
  inUse.add(path)
  let partial: PartialFile | null = null
  try {
    const kept = await PartialStore.of(folder)
    if (signal.aborted) {
      inUse.delete(path)
      return null
    }
    const opened = (await kept.goOn(key, path, size)) ?? { handle: await open(path, CREATE, MODE), known: null }
    await kept.removeExcess()
    partial = new PartialFile(path, size, opened, kept)
    await partial.begin(signal)
    return partial
  } catch (cause) {
    // The first error is the one to report.
    await partial?.close().catch(() => undefined)
    inUse.delete(path)
    throw cause instanceof ChatError ? cause : fileError('unwritable', path, cause)
  }
}

/** A file that is being received, under a temporary name until it is complete and verified. */
export class PartialFile {
  readonly path: string
  readonly #size: number
  readonly #handle: FileHandle
  readonly #kept: PartialStore
  readonly #known: Hashed | null
  /** Hash of the first `#hashed` bytes. */
  #hash = createHash('sha256')
  #hashed = 0
  #bytes = 0
  #closed = false

  /** @param size of the whole file, in bytes */
  constructor(path: string, size: number, { handle, known }: OpenedPartial, kept: PartialStore) {
    this.path = path
    this.#size = size
    this.#handle = handle
    this.#known = known
    this.#kept = kept
  }

  /** Bytes that are there. */
  get bytes(): number {
    return this.#bytes
  }

  /** Hashes what is there, before anything else is done with it. @param signal stops it */
  async begin(signal: AbortSignal): Promise<void> {
    const { present } = await stampOf(this.#handle)
    this.#bytes = present
    await requireRoom(dirname(this.path), this.#size - present)
    if (this.#known !== null) {
      this.#hash = this.#known.hash
      this.#hashed = this.#known.bytes
    }
    // A copy: if reading fails, we do not know how much was hashed.
    const running = this.#hash.copy()
    this.#hashed = await hashFile(this.#handle, running, this.#hashed, present, signal)
    this.#hash = running
    if (!signal.aborted) this.#bytes = this.#hashed
  }

  /** Appends bytes. @throws {ChatError} `disk-full`, `unwritable` */
  async append(pieces: readonly Uint8Array[]): Promise<void> {
    await this.#writing(() => writeAll(this.#handle, pieces, this.#bytes))
    for (const piece of pieces) {
      this.#hash.update(piece)
      this.#hashed += piece.length
    }
    this.#bytes = this.#hashed
  }

  /**
   * Verifies size and SHA-256 and gives the file its name, with a number if that is taken.
   *
   * @returns the path
   * @throws {ChatError} `bad-checksum`, `disk-full`, `unwritable`
   */
  async finish(sha256: string, name: string): Promise<string> {
    if (this.#bytes !== this.#size || this.#hash.copy().digest('hex') !== sha256) {
      // The checksum is what to report, even if the file cannot be removed.
      await this.remove().catch(() => undefined)
      throw new ChatError('bad-checksum', 'the file that arrived is not the one that was offered')
    }
    return this.#writing(async () => {
      await this.#handle.sync()
      const named = await giveName(this.path, dirname(this.path), name, MODE)
      // After sync() it is on the disk, even if closing fails.
      await this.#release().catch(() => undefined)
      return named
    })
  }

  /** Closes it and keeps its bytes. Safe to call again. @throws {ChatError} `disk-full`, `unwritable` */
  async close(): Promise<void> {
    if (this.#closed) return
    try {
      await this.#writing(() => this.#keep())
    } finally {
      await this.#release()
    }
    await this.#kept.removeExcess()
  }

  /** Closes and removes it, also after close(). @throws {ChatError} `disk-full`, `unwritable` */
  async remove(): Promise<void> {
    this.#kept.drop(this.path)
    try {
      await this.#writing(() => rm(this.path, { force: true }))
    } finally {
      await this.#release()
    }
  }

  async #keep(): Promise<void> {
    const { present, stamp } = await stampOf(this.#handle)
    if (present === 0) await rm(this.path, { force: true })
    else this.#kept.keep(this.path, { hash: this.#hash, bytes: this.#hashed, stamp })
  }

  async #release(): Promise<void> {
    try {
      if (this.#closed) return
      this.#closed = true
      await this.#writing(() => this.#handle.close())
    } finally {
      inUse.delete(this.path)
    }
  }

  #writing<T>(work: () => Promise<T>): Promise<T> {
    return attempt('unwritable', this.path, work)
  }
}

/** Checks that a folder has room for some more bytes. @throws {ChatError} `disk-full` */
async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(folder)
  // Some file systems do not report their size.
  if (blocks > 0 && bavail * bsize < bytes) {
    throw new ChatError('disk-full', `${folder} has room for ${bavail * bsize} bytes, but ${bytes} more are needed`)
  }
}
