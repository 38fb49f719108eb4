import { constants } from 'node:fs'
import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt, fileError } from '@p2p-secure-chat/core/files/file-error'
import { giveName } from './give-name.ts'
import { hashFile } from './hash-file.ts'
import { type Hashed, type KeptPartial, type KeptPartials, keptPartials } from './kept-partials.ts'
import { newPartialName } from './partial-name.ts'

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
  /** Hashes what is there. @param signal stops it */
  begin(signal: AbortSignal): Promise<void>
}

/** A partial file that is open, with as much of its hash as is known. */
interface Opened {
  readonly handle: FileHandle
  readonly known: Hashed | null
}

/** Partial files on which this process works. */
const inUse = new Set<string>()

/** Whether as many files are being received as may be. */
export function partialsAreFull(): boolean {
  return inUse.size >= PARTIALS_OPEN
}

/**
 * Opens a partial file of that key that nobody else is receiving, in this process or another one, or a new one: files of
 * the same content may come at once, and none must write into that of another.
 *
 * @param key names what it is a part of
 * @param size of the whole file, in bytes
 * @param signal says that nobody wants it any more; what is open already can only be closed or removed then
 * @returns null when the signal came before anything was opened
 * @throws {ChatError} `too-many` when PARTIALS_OPEN are open, `disk-full` when there is no room for the rest, `unwritable`
 */
export async function openPartial(
  folder: string,
  key: string,
  size: number,
  signal: AbortSignal,
): Promise<PartialFile | null> {
  if (partialsAreFull()) throw new ChatError('too-many', `${PARTIALS_OPEN} files are being received already`)
  const path = join(folder, newPartialName(key))
  inUse.add(path)
  let partial: Beginning | null = null
  try {
    const kept = await keptPartials(folder)
    if (signal.aborted) {
      inUse.delete(path)
      return null
    }
    const opened = (await goOn(kept, key, path, size)) ?? { handle: await open(path, CREATE, MODE), known: null }
    await removeAll(kept.takeExcess())
    partial = partialFile(path, size, opened, kept)
    await partial.begin(signal)
    return partial
  } catch (cause) {
    // Why it can not be begun is what counts.
    await partial?.close().catch(() => undefined)
    inUse.delete(path)
    throw cause instanceof ChatError ? cause : fileError('unwritable', path, cause)
  }
}

function partialFile(path: string, size: number, { handle, known }: Opened, kept: KeptPartials): Beginning {
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
    kept.drop(path)
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

    async begin(signal) {
      const { present } = await stampOf(handle)
      bytes = present
      await requireRoom(folder, size - present)
      if (known !== null) ({ hash, bytes: hashed } = known)
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
  for (const path of paths) await rm(path, { force: true }).catch(() => undefined)
}

async function stampOf(handle: FileHandle): Promise<{ present: number; stamp: string }> {
  const { ino, size, ctimeNs } = await handle.stat({ bigint: true })
  return { present: Number(size), stamp: `${ino} ${size} ${ctimeNs}` }
}

/** Goes on with what was kept of that key, under a new path. @returns null where there is nothing */
async function goOn(kept: KeptPartials, key: string, path: string, size: number): Promise<Opened | null> {
  for (let next = kept.take(key); next !== null; next = kept.take(key)) {
    const opened = await takeOver(next, path, size)
    if (opened !== null) return opened
  }
  return null
}

/** @returns null for what another program took before us, and for what is no part of that file of ours, which is removed */
async function takeOver({ path: from, hashed }: KeptPartial, path: string, size: number): Promise<Opened | null> {
  const handle = await open(from, CONTINUE).catch(() => null)
  try {
    if (handle !== null && (await isOurs(handle, size))) {
      const { stamp } = await stampOf(handle)
      await rename(from, path)
      // Where its age tells whether somebody works on it, it begins now.
      const now = new Date()
      await handle.utimes(now, now)
      return { handle, known: hashed?.stamp === stamp ? hashed : null }
    }
    await rm(from, { force: true })
  } catch {
    // A new file is as good.
  }
  await handle?.close().catch(() => undefined)
  return null
}

async function isOurs(handle: FileHandle, size: number): Promise<boolean> {
  const found = await handle.stat()
  const owned = found.uid === (process.getuid?.() ?? found.uid)
  return owned && found.isFile() && found.nlink === 1 && found.size <= size
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
