import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { reasonOf } from '@p2p-secure-chat/core/files/file-error'

/**
 * Makes a new folder for its owner alone, where the system keeps what is temporary.
 *
 * @param prefix what its name begins with
 * @throws {ChatError} `unwritable`
 */
export function makeTemporaryFolder(prefix: string): string {
  const place = tmpdir()
  try {
    return mkdtempSync(join(place, prefix))
  } catch (cause) {
    const hint = 'set TMPDIR to a folder that is there and that you may write to'
    throw new ChatError('unwritable', `cannot make a temporary folder in ${place}: ${reasonOf(cause)}`, { cause, hint })
  }
}
