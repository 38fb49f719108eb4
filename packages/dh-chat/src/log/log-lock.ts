import { readlink, rm, symlink } from 'node:fs/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/basic-p2p/files/file-error'

/** How often a lock may turn out to be left over by somebody who is gone. */
const ROUNDS = 3

/**
 * Takes a lock that one program at a time can have: a symbolic link to nowhere, whose target is the id of the process.
 * Unlike a file it appears together with what it says. One whose process is gone is taken over.
 *
 * @returns gives it back, and never rejects
 * @throws {ChatError} `unwritable` when another program has it, or links can not be made there
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  for (let round = 0; round < ROUNDS; round++) {
    try {
      await symlink(String(process.pid), path)
      // One that can not be removed is taken over once we are gone.
      return () => rm(path, { force: true }).catch(() => undefined)
    } catch (cause) {
      if (systemCode(cause) !== 'EEXIST') throw fileError('unwritable', path, cause)
    }
    const owner = Number(await readlink(path).catch(() => ''))
    if (isAlive(owner)) {
      throw new ChatError(
        'unwritable',
        `another client (process ${owner}) keeps this log; if none does, remove ${path}`,
      )
    }
    await rm(path, { force: true })
  }
  throw new ChatError('unwritable', `${path} is in the way`)
}

/** Process ids are used again after a restart of the machine, so our own says nothing about who made the lock. */
function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}
