import { randomUUID } from 'node:crypto'
import { readlink, rename, rm, symlink } from 'node:fs/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { isAlive } from '@p2p-secure-chat/basic-p2p/program/is-alive'

/** How often a lock may turn out to be left over by somebody who is gone. */
const ROUNDS = 3

/**
 * Takes a lock that one program at a time can have: a symbolic link to nowhere, whose target is the id of the process.
 * Unlike a file it appears together with what it says. One whose process is gone is taken over.
 *
 * @returns gives it back, and never rejects
 * @throws {ChatError} `unwritable` when another program has it, or links cannot be made there; `disk-full`
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  for (let round = 0; round < ROUNDS; round++) {
    try {
      await symlink(String(process.pid), path)
      // One that cannot be removed is taken over once we are gone.
      return () => rm(path, { force: true }).catch(() => undefined)
    } catch (cause) {
      if (systemCode(cause) !== 'EEXIST') throw fileError('unwritable', path, cause)
    }
    const owner = await ownerIn(path)
    // Process ids are used again after a restart of the machine, so our own says nothing about who made the lock.
    if (Number(owner) !== process.pid && isAlive(Number(owner))) throw keptBy(owner, path)
    await clearAway(path, owner)
  }
  throw new ChatError('unwritable', `${path} is in the way`, { hint: 'if no other client runs, remove it' })
}

/** @returns what the lock says; nothing where it is gone, or no link */
function ownerIn(path: string): Promise<string> {
  return readlink(path).catch(() => '')
}

/**
 * Removes the lock of a process that is gone. Another program may do the same and take the lock before us: so it is
 * moved out of the way first, where only we look at it.
 *
 * @throws {ChatError} `unwritable` when it is not that lock any more, and the one that it is goes back
 */
async function clearAway(path: string, gone: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  let owner: string
  try {
    await rename(path, aside)
    owner = await ownerIn(aside)
    await rm(aside)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return
    throw fileError('unwritable', path, cause)
  }
  if (owner === gone) return
  await symlink(owner, path).catch(() => undefined)
  throw keptBy(owner, path)
}

function keptBy(owner: string, path: string): ChatError {
  return new ChatError('unwritable', `another client (process ${owner}) keeps this log`, {
    hint: `let that one end; if it is no client, remove ${path}`,
  })
}
