import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { systemCode } from './file-error.ts'

/**
 * Opens a file, and nothing else that may have its name: a device has no end, and opening one may do something.
 *
 * @param flags as of open(2); a file that they make is for its owner alone
 * @throws {Error} of the operating system, or because it is no regular file
 */
export async function openRegularFile(path: string, flags: number): Promise<FileHandle> {
  requireRegular(await stat(path).catch(absent))
  // Something else may have taken its place. Without O_NONBLOCK, a pipe would keep us waiting for its other end.
  const handle = await open(path, flags | constants.O_NONBLOCK, 0o600)
  try {
    requireRegular(await handle.stat())
    return handle
  } catch (cause) {
    await handle.close()
    throw cause
  }
}

/** What is not there yet may be made by open(2), which else says the same. */
function absent(cause: unknown): null {
  if (systemCode(cause) === 'ENOENT') return null
  throw cause
}

function requireRegular(found: Stats | null): void {
  if (found !== null && !found.isFile()) throw new Error(`it is ${whatIs(found)}`)
}

function whatIs(found: Stats): string {
  if (found.isDirectory()) return 'a folder'
  if (found.isFIFO()) return 'a pipe'
  if (found.isSocket()) return 'a socket'
  return 'a device'
}
