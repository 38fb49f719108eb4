import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { readSmall } from '@p2p-secure-chat/core/files/read-small'

/** A link is not followed: it may lead to a file that its author could not read. A pipe is not waited for. */
const PLAINLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Reads a file of somebody else's as text.
 *
 * @param limit in bytes
 * @throws {ChatError} `unreadable`, also for one that is larger, and for a link, a pipe or a folder
 */
export function readText(path: string, limit: number): Promise<string> {
  return attempt('unreadable', path, async () => {
    const file = await openPlainFile(path)
    const bytes = await readSmall(file.createReadStream(), limit)
    if (bytes.length > limit) throw new ChatError('unreadable', `${path} has more than ${limit / 1024} KiB`)
    return bytes.toString()
  })
}

async function openPlainFile(path: string): Promise<FileHandle> {
  const refusal = new ChatError('unreadable', `${path} is not a plain file`, {
    hint: 'put a file in its place: links are not followed',
  })
  const file = await open(path, PLAINLY).catch((error: unknown) => {
    throw systemCode(error) === 'ELOOP' ? refusal : error
  })
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw refusal
}
