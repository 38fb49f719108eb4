import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { systemCode } from '@p2p-secure-chat/core/files/file-error'
import { lockFile } from '@p2p-secure-chat/core/files/file-lock'
import { lookAtOwned } from '@p2p-secure-chat/core/files/owned-file'
import { ownerOf, sameOwner } from '@p2p-secure-chat/core/files/owner'
import { makePrivateFolder } from '@p2p-secure-chat/core/files/make-folder'

/** No name begins with a point, so this is nobody's folder. */
export const RUNNING_FOLDER = '.running'

/** NAME@DIRECTORY.PROCESS, of which clients before version 0.1.0 left one when they were killed. */
const OLD_FILE = /^[a-z0-9._-]+@.+\.\d+$/

/** Why a home takes no lock, where nothing is wrong with the lock itself. */
const NOT_WRITABLE: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS']

/** Which names of one home are in use, at whatever directory: each has a lock, which a client keeps while it runs. */
export interface RunningClients {
  /** Whether another process uses that name. */
  has(name: string): Promise<boolean>
  /**
   * Takes a name for this process. Of several that take it at once, one gets it, and that of a client that is gone is free.
   *
   * @returns what gives the name back; null when another process has it
   * @throws {ChatError} `unwritable` when something is in the place of the lock or its folder; `unreadable`
   */
  claim(name: string): Promise<(() => Promise<void>) | null>
}

/** @param home the folder of identities */
export function runningClients(home: string): RunningClients {
  const folder = join(home, RUNNING_FOLDER)
  const pathOf = (name: string) => join(folder, name)

  async function has(name: string): Promise<boolean> {
    // A lock that cannot be read says nothing.
    const found = await lookAtOwned(`${pathOf(name)}.lock`).catch(() => null)
    if (found === null || found.left) return false
    return found.owner === null || !sameOwner(found.owner, ownerOf())
  }

  async function removeOldFiles(): Promise<void> {
    const old = (await readdir(folder)).filter(file => OLD_FILE.test(file))
    await Promise.all(old.map(file => rm(join(folder, file), { force: true })))
  }

  return {
    has,

    async claim(name) {
      if (await has(name)) return null
      try {
        await makePrivateFolder(folder)
        await removeOldFiles().catch(() => undefined)
        const lock = await lockFile(pathOf(name))
        return () => lock.release()
      } catch (error) {
        if (await has(name)) return null
        // An identity in a home that can only be read, or is full, is worth no less.
        if (takesNothing(error)) return () => Promise.resolve()
        throw error
      }
    },
  }
}

function takesNothing(error: unknown): boolean {
  return error instanceof ChatError && (error.code === 'disk-full' || NOT_WRITABLE.includes(systemCode(error.cause)))
}
