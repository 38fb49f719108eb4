import { createReadStream } from 'node:fs'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt } from '@p2p-secure-chat/core/files/file-error'
import { readSmall } from '@p2p-secure-chat/dh-chat/identity/read-small'

/**
 * Reads a file of somebody else's as text.
 *
 * @param limit in bytes
 * @throws {ChatError} `unreadable`, also for one that is larger
 */
export function readText(path: string, limit: number): Promise<string> {
  return attempt('unreadable', path, async () => {
    const bytes = await readSmall(createReadStream(path), limit)
    if (bytes.length > limit) throw new ChatError('unreadable', `${path} has more than ${limit / 1024} KiB`)
    return bytes.toString()
  })
}
