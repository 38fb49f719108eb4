import { constants } from 'node:fs'
import { createHash } from 'node:crypto'
import { type FileHandle, open, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt, fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { giveName } from './give-name.ts'
import { hashFile } from './hash-file.ts'
import { type Hashed, type KeptPartials, keptPartials } from './kept-partials.ts'
import { partialName } from './partial-name.ts'

/**
 * Partial files that are open at once, in all conversations together: each takes a descriptor, and a window of bytes (about
 * 1 MiB) may wait for the disk.
 */
export const PARTIALS_OPEN = 64

/** Nobody else may read what is not verified yet, and no link may lead elsewhere. */
const MODE = 0o600
const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const CONTINUE = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** A file that is being received, under a name of its own until it is whole and verified. */
export interface PartialFile {
  readonly path: string
  /** Bytes that are there. */
  readonly bytes: number
  /** Writes at the end. @throws {ChatError} `disk-full`, `unwritable` */
  append(pieces: readonly Uint8Array[]): Promise<void>
  /**
   * Verifies size and SHA-256, and gives the file its name, or one with a number where that is taken.
   *
   * @returns the path
   * @throws {ChatError} `bad-checksum`, `disk-full`, `unwritable`
   */
  finish(sha256: string, name: string): Promise<string>
  /** Closes it; what came stays. Safe to call again. @throws {ChatError} `disk-full`, `unwritable` */
  close(): Promise<void>
  /** Closes and removes it, also after close(). @throws {ChatError} `disk-full`, `unwritable` */
  remove(): Promise<void>
}

interface Beginning extends PartialFile {
  /**
   * Hashes what is there.
   *
   * @param known what was hashed earlier
   * @param signal stops it
   */
  begin(known: Hashed | null, signal: AbortSignal): Promise<void>
}

/** Partial files on which this process works: two transfers of one file must not write into each other. */
const inUse = new Set<string>()

/** Whether as many files are being received as may be. */
export function partialsAreFull(): boolean {
  return inUse.size >= PARTIALS_OPEN
}

/**
 * Opens the partial file of that key, whatever is there already, or a new one.
 *
 * @param key names it among all partial files of the folder
 * @param size of the whole file, in bytes
 * @param signal says that nobody wants it any more; what is open already can only be closed or removed then
 * @returns null when the signal came before anything was opened
 * @throws {ChatError} `busy` when it is open already, `too-many` when PARTIALS_OPEN are, `disk-full` when there is no room
 * for the rest, `unwritable`
 */
export async function openPartial(
  folder: string,
  key: string,
  size: number,
  signal: AbortSignal,
): Promise<PartialFile | null> {
  const path = join(folder, partialName(key))
  if (inUse.has(path)) throw new ChatError('busy', 'the same file is being received already')
  if (partialsAreFull()) throw new ChatError('too-many', `${PARTIALS_OPEN} files are being received already`)
  inUse.add(path)
  let partial: Beginning | null = null
  try {
    const kept = await keptPartials(folder, other => inUse.has(other))
    if (signal.aborted) {
      inUse.delete(path)
      return null
    }
    const known = kept.take(path)
    await removeAll(kept.takeExcess())
    const handle = await openOrCreate(path, size)
    partial = partialFile(path, size, handle, kept)
    await partial.begin(known, signal)
    return partial
  } catch (cause) {
    // Why it can not be begun is what counts.
    await partial?.close().catch(() => undefined)
    inUse.delete(path)
    throw cause instanceof ChatError ? cause : fileError('unwritable', path, cause)
  }
}

function partialFile(path: string, size: number, handle: FileHandle, kept: KeptPartials): Beginning {
  const folder = dirname(path)
  let hash = createHash('sha256')
  let hashed = 0
  let bytes = 0
  let closed = false

  const writing = <T>(work: () => Promise<T>) => attempt('unwritable', path, work)

  async function release(): Promise<void> {
    try {
      if (closed) return
      closed = true
      await writing(() => handle.close())
    } finally {
      inUse.delete(path)
    }
  }

  async function keep(): Promise<void> {
    const { present, stamp } = await stampOf(handle)
    if (present === 0) await rm(path, { force: true })
    else kept.keep(path, { hash, bytes: hashed, stamp })
  }

  async function close(): Promise<void> {
    if (closed) return
    try {
      await writing(keep)
    } finally {
      await release()
    }
    await removeAll(kept.takeExcess())
  }

  async function remove(): Promise<void> {
    // Another conversation with the same peer may have gone on with it.
    if (closed && inUse.has(path)) return
    inUse.add(path)
    kept.take(path)
    try {
      await writing(() => rm(path, { force: true }))
    } finally {
      await release()
    }
  }

  return {
    path,
    get bytes() {
      return bytes
    },

    async begin(known, signal) {
      const { present, stamp } = await stampOf(handle)
      bytes = present
      await requireRoom(folder, size - present)
      if (known?.stamp === stamp) ({ hash, bytes: hashed } = known)
      // A copy: where reading fails, nobody knows how much of it was hashed.
      const running = hash.copy()
      hashed = await hashFile(handle, running, hashed, present, signal)
      hash = running
      if (!signal.aborted) bytes = hashed
    },

    async append(pieces) {
      await writing(() => writeAll(handle, pieces, bytes))
      for (const piece of pieces) {
        hash.update(piece)
        hashed += piece.length
      }
      bytes = hashed
    },

    async finish(sha256, name) {
      if (bytes !== size || hash.copy().digest('hex') !== sha256) {
        // It is no less wrong where it can not be removed.
        await remove().catch(() => undefined)
        throw new ChatError('bad-checksum', 'what came is not what was offered')
      }
      return writing(async () => {
        await handle.sync()
        const named = await giveName(path, folder, name, MODE)
        // After sync() it is on the disk, whatever closing it says.
        await release().catch(() => undefined)
        return named
      })
    },

    close,
    remove,
  }
}

/** One after the other. What stays because the system does not remove it is no reason not to receive another file. */
async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (inUse.has(path)) continue
    inUse.add(path)
    await rm(path, { force: true }).catch(() => undefined)
    inUse.delete(path)
  }
}

async function stampOf(handle: FileHandle): Promise<{ present: number; stamp: string }> {
  const { ino, size, ctimeNs } = await handle.stat({ bigint: true })
  return { present: Number(size), stamp: `${ino} ${size} ${ctimeNs}` }
}

/** What is in the way under that name and is no part of this file of ours makes place. */
async function openOrCreate(path: string, size: number): Promise<FileHandle> {
  try {
    return await open(path, CREATE, MODE)
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw cause
  }
  const present = await open(path, CONTINUE).catch(() => null)
  const stat = await present?.stat()
  const ours = stat?.uid === (process.getuid?.() ?? stat?.uid)
  if (present && ours && stat?.isFile() && stat.nlink === 1 && stat.size <= size) return present
  await present?.close()
  await rm(path)
  return open(path, CREATE, MODE)
}

async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(folder)
  // Some file systems do not say how large they are.
  if (blocks > 0 && bavail * bsize < bytes) {
    throw new ChatError('disk-full', `${folder} has room for ${bavail * bsize} bytes, and ${bytes} are to come`)
  }
}

/** One call writes as much as it likes, and says how much that was. */
async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[], start: number): Promise<void> {
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
