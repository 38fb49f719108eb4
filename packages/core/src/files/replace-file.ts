import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { ChatError } from '../errors.ts'
import { fileError, reasonOf, systemCode } from './file-error.ts'
import { lockFile, overtaken } from './file-lock.ts'

/**
 * Replaces a file as a whole and under its lock, so that programs that change it at once lose nothing of each other, and
 * a reader, or a crash meanwhile, finds the old content or the new one. The new content is written to FILE.new
 * first; what a crash left under that name is written over by the next one who has the lock.
 *
 * @param compose is called under the lock and reads the old content itself; null leaves the file as it is
 * @throws {ChatError} `unwritable`, also when another program keeps the lock for two seconds; `disk-full`; what `compose`
 * throws
 */
export async function replaceFile(path: string, compose: () => Promise<Uint8Array | null>): Promise<void> {
  const lock = await lockFile(path)
  const requireHeld = async () => {
    if (!(await lock.isHeld())) throw overtaken(path)
  }
  try {
    const content = await compose()
    if (content === null) return
    await requireHeld()
    const draft = `${path}.new`
    const handle = await openDraft(draft)
    try {
      try {
        await handle.writeFile(content)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await requireHeld()
      await rename(draft, path)
    } catch (cause) {
      // It may be the draft of the one who took over.
      if (await lock.isHeld()) await unlink(draft).catch(() => undefined)
      throw cause instanceof ChatError ? cause : fileError('unwritable', path, cause)
    }
  } finally {
    await lock.release()
  }
}

/** A new file, whatever a crash left in its place: a link would lead the content elsewhere. */
async function openDraft(draft: string): Promise<FileHandle> {
  try {
    await unlink(draft).catch((cause: unknown) => {
      if (systemCode(cause) !== 'ENOENT') throw cause
    })
    return await open(draft, 'wx', 0o600)
  } catch (cause) {
    if (systemCode(cause) === 'ENOSPC') throw fileError('unwritable', draft, cause)
    throw new ChatError('unwritable', `${draft} is in the way: ${reasonOf(cause)}`, {
      cause,
      hint: `move ${draft} away, then try again`,
    })
  }
}
