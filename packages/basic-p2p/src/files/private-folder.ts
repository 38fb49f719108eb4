import { mkdir } from 'node:fs/promises'
import { fileError } from '@p2p-secure-chat/core/files/file-error'

/**
 * Makes a folder for its owner alone, and those it is in, where they are not there yet.
 *
 * @throws {ChatError} `unwritable`, `disk-full`
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw fileError('unwritable', folder, cause)
  }
}
