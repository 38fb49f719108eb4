import { randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import { open, stat, unlink } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { RUNNING_FOLDER } from '@p2p-secure-chat/basic-p2p/program/running-clients'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { shellWord } from '@p2p-secure-chat/core/terminal/printable'

/** What is decided by: who we are, whom we know and whom we block, and what was said. */
const TRUSTED = ['identity.pem', 'known_peers', 'blocked', 'log', 'log.on']

const WRITE_BY_OTHERS = 0o022
const ANY_BY_OTHERS = 0o077
/** In such a folder nobody can rename or remove what belongs to another. */
const STICKY = 0o1000

/** The part of a file's status that says who may do what with it. */
type Rights = Pick<Stats, 'uid' | 'mode' | 'isDirectory'>

/**
 * Refuses a home that others can change, or the folder in it that says which clients run: what we make there could land
 * elsewhere, and what we find there could be theirs.
 *
 * @throws {ChatError} `unsafe-file`, `unreadable`
 */
export function requireSafeHome(home: string): Promise<void> {
  return requireSafe(home, ownFoldersOf(home), () => undefined)
}

/**
 * Refuses files of a name that others can change, or could have made: the home, the folder of the name and what is
 * decided by in it, as ssh does. A link is judged by what it leads to. The folders in which the home lies are not looked
 * at: whatever somebody puts in its place belongs to them, and is refused for that.
 *
 * A file system that keeps no modes or owners (FAT, a Windows disk, some shared folders) can neither protect the files
 * nor be told to: that is noted, once.
 *
 * @param note tells the person
 * @throws {ChatError} `unsafe-file`, `unreadable`
 */
export function requireSafeFiles(home: string, name: string, note: (text: string) => void): Promise<void> {
  const folder = join(home, name)
  return requireSafe(home, [...ownFoldersOf(home), folder, ...TRUSTED.map(file => join(folder, file))], note)
}

function ownFoldersOf(home: string): string[] {
  return [home, join(home, RUNNING_FOLDER)]
}

async function requireSafe(home: string, paths: readonly string[], note: (text: string) => void): Promise<void> {
  const uid = process.getuid?.()
  // On systems without user ids, modes do not tell who may do what.
  if (uid === undefined) return
  for (const path of paths) {
    const found = await statOf(path)
    const fault = found === null ? null : faultOf(path, found, uid)
    if (found === null || fault === null) continue
    if (await keepsRights(found.isDirectory() ? path : dirname(path))) throw fault
    const what = 'other users of this machine may be able to read and change your key and your known peers'
    return note(`the file system of ${home} keeps no permissions: ${what}`)
  }
}

/**
 * Whether a file made in that folder is for its owner alone, and ours: where it is not, no chmod and no chown would help.
 *
 * @returns true also where we may not make one
 */
export async function keepsRights(folder: string): Promise<boolean> {
  const probe = join(folder, `.probe-${randomUUID()}`)
  try {
    const handle = await open(probe, 'wx', 0o600)
    try {
      const { mode, uid } = await handle.stat()
      return (mode & ANY_BY_OTHERS) === 0 && uid === process.getuid?.()
    } finally {
      await handle.close()
      await unlink(probe)
    }
  } catch (cause) {
    // Nobody can change anything there, modes included.
    return systemCode(cause) !== 'EROFS'
  }
}

async function statOf(path: string): Promise<Rights | null> {
  try {
    return await stat(path)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') return null
    throw fileError('unreadable', path, cause)
  }
}

function faultOf(path: string, rights: Rights, us: number): ChatError | null {
  if (rights.uid !== us && rights.uid !== 0) {
    return new ChatError('unsafe-file', `${path} belongs to another user (${rights.uid}), who can change it`, {
      hint: `chown ${userName(us)} ${shellWord(path)}, if what is in it is yours; else choose another --home`,
    })
  }
  const sticky = rights.isDirectory() && (rights.mode & STICKY) !== 0
  if ((rights.mode & WRITE_BY_OTHERS) === 0 || sticky) return null
  return new ChatError('unsafe-file', `other users may change ${path}`, {
    hint: `check that nobody did, then: chmod go-w ${shellWord(path)}`,
  })
}

function userName(uid: number): string {
  try {
    return userInfo().username
  } catch {
    return String(uid)
  }
}
