import { constants } from 'node:fs'
import { createHash } from 'node:crypto'
import { type FileHandle, link, open, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt, fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { numberedName } from './file-name.ts'
import { hashFile } from './hash-file.ts'
import { removeOldPartials } from './old-partials.ts'
import { partialName } from './partial-name.ts'

/** How many names are tried before we give up: who has that many of one name has another problem. */
const NAMES_TRIED = 1_000

/** Nobody else may read what is not verified yet, and no link may lead elsewhere. */
const MODE = 0o600
const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const CONTINUE = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** What says that a file system has no hard links. */
const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

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
  /** Closes and removes it. @throws {ChatError} `disk-full`, `unwritable` */
  remove(): Promise<void>
}

/** Partial files that are open in this process: two transfers of one file must not write into each other. */
const inUse = new Set<string>()

/**
 * Opens the partial file of that key, whatever is there already, or a new one.
 *
 * @param key names it among all partial files of the folder
 * @param size of the whole file, in bytes
 * @throws {ChatError} `busy` when it is open already, `disk-full` when there is no room for the rest, `unwritable`
 */
export async function openPartial(folder: string, key: string, size: number): Promise<PartialFile> {
  const path = join(folder, partialName(key))
  if (inUse.has(path)) throw new ChatError('busy', 'the same file is being received already')
  inUse.add(path)
  let handle: FileHandle | null = null
  let present = 0
  try {
    await removeOldPartials(folder, other => inUse.has(other))
    handle = await openOrCreate(path, size)
    present = (await handle.stat()).size
    await requireRoom(folder, size - present)
    const { hash, bytes } = await hashFile(handle, present)
    return partialFile(handle, hash, bytes)
  } catch (cause) {
    // Why it can not be begun is what counts.
    if (handle !== null && present === 0) await rm(path, { force: true }).catch(() => undefined)
    await handle?.close().catch(() => undefined)
    inUse.delete(path)
    throw cause instanceof ChatError ? cause : fileError('unwritable', path, cause)
  }

  function partialFile(open: FileHandle, hash: ReturnType<typeof createHash>, present: number): PartialFile {
    let bytes = present
    let closed = false

    const writing = <T>(work: () => Promise<T>) => attempt('unwritable', path, work)

    async function close(): Promise<void> {
      if (closed) return
      closed = true
      inUse.delete(path)
      await writing(() => open.close())
    }

    async function remove(): Promise<void> {
      try {
        await writing(() => rm(path, { force: true }))
      } finally {
        await close()
      }
    }

    return {
      path,
      get bytes() {
        return bytes
      },
      async append(pieces) {
        for (const piece of pieces) hash.update(piece)
        await writing(() => writeAll(open, pieces, bytes))
        for (const { length } of pieces) bytes += length
      },
      async finish(sha256, name) {
        if (bytes !== size || hash.digest('hex') !== sha256) {
          // It is no less wrong where it can not be removed.
          await remove().catch(() => undefined)
          throw new ChatError('bad-checksum', 'what came is not what was offered')
        }
        return writing(async () => {
          await open.sync()
          const named = await giveName(path, folder, name)
          // After sync() it is on the disk, whatever closing it says.
          await close().catch(() => undefined)
          return named
        })
      },
      close,
      remove,
    }
  }
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

/** Moves a file to a name that nothing has yet: a link is made only where nothing is, in one step. */
async function giveName(path: string, folder: string, name: string): Promise<string> {
  for (let nth = 1; nth <= NAMES_TRIED; nth++) {
    const named = join(folder, numberedName(name, nth))
    try {
      await moveTo(path, named)
      return named
    } catch (cause) {
      if (systemCode(cause) !== 'EEXIST') throw cause
    }
  }
  throw new ChatError('unwritable', `${folder} has ${NAMES_TRIED} files called ${name} already`, {
    hint: 'move some of them away, or receive files in another folder',
  })
}

async function moveTo(path: string, named: string): Promise<void> {
  try {
    await link(path, named)
  } catch (cause) {
    if (!NO_LINKS.has(systemCode(cause))) throw cause
    // The next best: nothing of anybody else's is ever replaced, though for a moment an empty file has the name.
    await (await open(named, CREATE, MODE)).close()
    return rename(path, named)
  }
  await rm(path)
}
