import { constants } from 'node:fs'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'
import { readSmall } from './read-small.ts'

/** Largest file in bytes: more than 100,000 peers, each in a line. */
export const MAX_OWN_FILE_BYTES = 2 ** 24

/**
 * Reads a whole file that the user's own programs wrote.
 *
 * @returns null where there is none
 * @throws {ChatError} `unreadable`, also when it is too large, or no regular file
 */
export async function readOwnFile(path: string): Promise<Buffer | null> {
  try {
    const handle = await openRegularFile(path, constants.O_RDONLY)
    const content = await readSmall(handle.createReadStream(), MAX_OWN_FILE_BYTES)
    if (content.length <= MAX_OWN_FILE_BYTES) return content
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null
    throw fileError('unreadable', path, cause)
  }
  throw new ChatError('unreadable', `${path} is larger than ${MAX_OWN_FILE_BYTES / 2 ** 20} MiB`)
}
