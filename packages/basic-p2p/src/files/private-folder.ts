import { makeFolder } from '@p2p-secure-chat/core/files/make-folder'

/**
 * Makes a folder for its owner alone, and those it is in, where they are not there yet.
 *
 * @throws {ChatError} `unwritable`, `disk-full`
 */
export function makePrivateFolder(folder: string): Promise<void> {
  return makeFolder(folder, 0o700)
}
