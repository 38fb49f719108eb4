import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/**
 * Opens a file, and nothing else that may have its name: a device has no end.
 *
 * @param flags as of open(2); a file that they make is for its owner alone
 * @throws {Error} of the operating system, or because it is no regular file
 */
export async function openRegularFile(path: string, flags: number): Promise<FileHandle> {
  // Without O_NONBLOCK, a pipe of that name would keep us waiting for its other end.
  const handle = await open(path, flags | constants.O_NONBLOCK, 0o600)
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new Error('not a regular file')
}
