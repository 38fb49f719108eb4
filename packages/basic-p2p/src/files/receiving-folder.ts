import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt } from '@p2p-secure-chat/core/files/file-error'

/** Checks a folder before anybody is promised that files go there. @throws {ChatError} `unwritable` */
export async function requireFolder(folder: string): Promise<void> {
  await attempt('unwritable', folder, async () => {
    if (!(await stat(folder)).isDirectory()) throw new ChatError('unwritable', `${folder} is no folder`)
    await access(folder, constants.W_OK | constants.X_OK)
  })
}
