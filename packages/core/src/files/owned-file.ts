import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises'
import { ChatError } from '../errors.ts'
import { attempt, fileError, systemCode } from './file-error.ts'
import { bootTime, isAlive, type Owner, ownerState, parseOwner } from './owner.ts'

/** How often an owner shows that it is still there, in milliseconds: so seldom that it costs nothing. */
export const RENEWAL = 5_000

/**
 * After how many milliseconds without that it counts as gone, where the system cannot be asked after it. A clock that is
 * wrong by more than that, in either direction, makes an owner look gone.
 */
export const EXPIRY = 6 * RENEWAL

/** How long a file may be without its text, in milliseconds: it is written right after the file is made. */
const GRACE = 1_000

/** Longer is no text of ours, in bytes. */
const MAX_BYTES = 1_024

/** A small file that says whose it is. */
export interface OwnedFile {
  readonly text: string
  /** Null where it does not say. */
  readonly owner: Owner | null
  /** Whether its owner is gone, so that anybody may remove it. */
  readonly left: boolean
  /** Tells it apart from every other file that has been under this name. */
  readonly mark: string
}

/**
 * Looks at a file that says whose it is.
 *
 * @returns null where there is none
 * @throws {ChatError} `unwritable` for a folder, a pipe or a device, none of which we make; `unreadable`
 */
export async function lookAtOwned(path: string): Promise<OwnedFile | null> {
  try {
    // Opened and not just looked at: only that makes a network file system ask its server.
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      return await read(handle, path)
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (cause instanceof ChatError) throw cause
    if (systemCode(cause) === 'ENOENT') return null
    if (systemCode(cause) === 'ENXIO') throw inTheWay(path, cause)
    if (systemCode(cause) === 'ELOOP') return readLink(path)
    if (systemCode(cause) === 'EACCES') return judgeByAge(path)
    throw fileError('unreadable', path, cause)
  }
}

async function read(handle: FileHandle, path: string): Promise<OwnedFile> {
  const stat = await handle.stat()
  if (!stat.isFile()) throw inTheWay(path)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0)
  const text = buffer.toString('utf8', 0, bytesRead)
  const owner = parseOwner(text)
  const age = Math.abs(Date.now() - stat.mtimeMs)
  return { text, owner, left: owner === null ? age > GRACE : isGone(owner, age), mark: markOf(text, stat) }
}

/** @param age since its last sign of life, in milliseconds */
function isGone(owner: Owner, age: number): boolean {
  const state = ownerState(owner)
  return state === 'unknown' ? age > EXPIRY : state === 'gone'
}

function markOf(text: string, { ino, mtimeMs }: { readonly ino: number; readonly mtimeMs: number }): string {
  return createHash('sha256').update(`${ino} ${mtimeMs} ${text}`).digest('hex').slice(0, 16)
}

/** One of another user, as `sudo` leaves it: what it says is not for us. */
async function judgeByAge(path: string): Promise<OwnedFile> {
  const stat = await attempt('unreadable', path, () => lstat(path))
  if (!stat.isFile()) throw inTheWay(path)
  return { text: '', owner: null, left: Math.abs(Date.now() - stat.mtimeMs) > EXPIRY, mark: markOf('', stat) }
}

/** Up to version 0.1.0, a lock was a symbolic link to the number of its process. */
async function readLink(path: string): Promise<OwnedFile | null> {
  try {
    const [target, stat] = [await readlink(path), await lstat(path)]
    const pid = Number(target)
    const left = pid === process.pid || !isAlive(pid) || stat.mtimeMs < bootTime()
    return { text: target, owner: null, left, mark: markOf(target, stat) }
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null
    throw inTheWay(path, cause)
  }
}

function inTheWay(path: string, cause?: unknown): ChatError {
  return new ChatError('unwritable', `${path} is in the way: it is not a file of ours`, {
    cause,
    hint: `move ${path} away, then try again`,
  })
}
