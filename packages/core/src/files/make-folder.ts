import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { attempt, systemCode } from './file-error.ts'

/**
 * Makes a folder, and those it is in, where they are not there yet. Node's own `recursive` never ends where the
 * system denies that an existing folder exists, as `/proc` does when one makes a folder in it.
 *
 * @param mode of every folder that is made, less the umask
 * @throws {ChatError} `unwritable`, `disk-full`
 */
export function makeFolder(folder: string, mode = 0o777): Promise<void> {
  return attempt('unwritable', folder, () => make(folder, mode))
}

/** The same for its owner alone: makes it with mode 0700. @throws {ChatError} `unwritable`, `disk-full` */
export function makePrivateFolder(folder: string): Promise<void> {
  return makeFolder(folder, 0o700)
}

async function make(folder: string, mode: number): Promise<void> {
  if (await isFolder(folder)) return
  // From the top: what another program makes meanwhile is there, and never in the way.
  if (dirname(folder) !== folder) await make(dirname(folder), mode)
  try {
    await mkdir(folder, mode)
  } catch (cause) {
    if (await isFolder(folder)) return
    throw systemCode(cause) === 'EEXIST' ? new Error('something on the way to it is not a folder', { cause }) : cause
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true
}
