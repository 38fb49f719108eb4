import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError } from './file-error.ts'

/** Checks a folder before anybody is promised that files go there. @throws {ChatError} `unwritable` */
export async function requireFolder(folder: string): Promise<void> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new ChatError('unwritable', `${folder} is no folder`)
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw cause instanceof ChatError ? cause : fileError('unwritable', folder, cause)
  }
}
