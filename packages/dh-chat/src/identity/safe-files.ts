import { randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import { open, stat, unlink } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { RUNNING_FOLDER } from '@p2p-secure-chat/basic-p2p/program/running-clients'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { shellWord } from '@p2p-secure-chat/core/terminal/printable'

/** Files that decisions rest on: our identity, the peers that we know and block, and the log. */
const TRUSTED = ['identity.pem', 'known_peers', 'blocked', 'log', 'log.on']

const WRITE_BY_OTHERS = 0o022
const ANY_BY_OTHERS = 0o077
/** In such a folder nobody can rename or remove another user's files. */
const STICKY = 0o1000

/** The part of a file's status that controls access. */
type Rights = Pick<Stats, 'uid' | 'mode' | 'isDirectory'>

/**
 * Refuses a home that others can change, and likewise its folder that lists the running clients: files that we create
 * there could end up elsewhere, and files that we find there could be theirs.
 *
 * @throws {ChatError} `unsafe-file`, `unreadable`
 */
export function requireSafeHome(home: string): Promise<void> {
  return requireSafe(home, ownFoldersOf(home), () => undefined)
}

/**
 * Refuses files of a name that others can change or could have created: the home, the folder of the name and the trusted
 * files in it, as ssh does. A link is judged by its target. The parent folders of the home are not checked: a home that
 * somebody puts in its place belongs to them and is refused for that.
 *
 * A file system that keeps no modes or owners (FAT, a Windows disk, some shared folders) cannot protect the files at
 * all. It gets one warning instead.
 *
 * @param note shows the person a remark
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
  // On systems without user ids, modes do not control access.
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
 * Whether a new file in that folder is private and ours. If not, neither chmod nor chown would help.
 *
 * @returns true also when we may not create one
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
    // On a read-only file system nobody can change anything, modes included.
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
      hint: `chown ${userName(us)} ${shellWord(path)} if its content is yours; otherwise choose another --home`,
    })
  }
  const sticky = rights.isDirectory() && (rights.mode & STICKY) !== 0
  if ((rights.mode & WRITE_BY_OTHERS) === 0 || sticky) return null
  return new ChatError('unsafe-file', `other users can change ${path}`, {
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
