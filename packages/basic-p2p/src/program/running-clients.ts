import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { systemCode } from '@p2p-secure-chat/core/files/file-error'
import { lockFile } from '@p2p-secure-chat/core/files/file-lock'
import { lookAtOwned } from '@p2p-secure-chat/core/files/owned-file'
import { ownerOf, sameOwner } from '@p2p-secure-chat/core/files/owner'
import { makePrivateFolder } from '@p2p-secure-chat/core/files/make-folder'

/** No name starts with a dot, so this cannot be anybody's folder. */
export const RUNNING_FOLDER = '.running'

/** NAME@DIRECTORY.PROCESS: clients before version 0.1.0 left such a file when they were killed. */
const OLD_FILE = /^[a-z0-9._-]+@.+\.\d+$/

/** Errors of a home in which no lock can be made. */
const NOT_WRITABLE: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS']

/** The names in use in one home, at any directory. A running client holds a lock on its name. */
export interface RunningClients {
  /** Whether another process uses that name. */
  has(name: string): Promise<boolean>
  /**
   * Locks a name for this process. Only one of several processes gets it; the lock of a dead client is free.
   *
   * @returns a function that releases the name; null if another process has it
   * @throws {ChatError} `unwritable` if something else is in the place of the lock or its folder; `unreadable`
   */
  claim(name: string): Promise<(() => Promise<void>) | null>
}

/** @param home the folder of identities */
export function runningClients(home: string): RunningClients {
  const folder = join(home, RUNNING_FOLDER)
  const pathOf = (name: string) => join(folder, name)

  async function has(name: string): Promise<boolean> {
    // An unreadable lock proves nothing.
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
        // An identity in a read-only or full home is still usable.
        if (takesNothing(error)) return () => Promise.resolve()
        throw error
      }
    },
  }
}

function takesNothing(error: unknown): boolean {
  return error instanceof ChatError && (error.code === 'disk-full' || NOT_WRITABLE.includes(systemCode(error.cause)))
}
