import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'

/** How long another writer may take, in milliseconds: a thousand times what writing such a file takes. */
const PATIENCE = 2_000

/** How long to wait before the next look whether the other writer is done, in milliseconds. */
const PAUSE = 10

/**
 * Replaces a file as a whole and under a lock, so that programs that change it at once lose nothing of each other, and
 * whoever reads it or crashes meanwhile finds the old content or the new one. The lock is the draft of the new content,
 * FILE.new, which only one program can create.
 *
 * @param compose is called under the lock and reads the old content itself; null leaves the file as it is
 * @throws {ChatError} `unwritable`, also when the lock stays taken for two seconds; `disk-full`; what `compose` throws
 */
export async function replaceFile(path: string, compose: () => Promise<Uint8Array | null>): Promise<void> {
  const draft = `${path}.new`
  const handle = await lock(draft)
  let replaced = false
  try {
    const content = await compose()
    if (content === null) return
    try {
      await handle.writeFile(content)
      await handle.sync()
      await handle.close()
      await rename(draft, path)
      replaced = true
    } catch (cause) {
      throw fileError('unwritable', path, cause)
    }
  } finally {
    await handle.close()
    // After the rename, a draft of that name would be somebody else's.
    if (!replaced) await rm(draft, { force: true })
  }
}

async function lock(draft: string): Promise<FileHandle> {
  for (let waited = 0; ; waited += PAUSE) {
    try {
      return await open(draft, 'wx', 0o600)
    } catch (cause) {
      if (systemCode(cause) !== 'EEXIST') throw fileError('unwritable', draft, cause)
      if (waited >= PATIENCE) {
        throw new ChatError('unwritable', `${draft} is in the way`, {
          cause,
          hint: 'if no other client of yours runs, remove that file',
        })
      }
    }
    await sleep(PAUSE)
  }
}
