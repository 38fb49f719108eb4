import { mkdir } from 'node:fs/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'

/**
 * Makes the folder of identities, for its owner alone, where it is not there yet.
 *
 * @throws {ChatError} `unwritable`
 */
export async function makeHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ChatError('unwritable', `the home ${home} can not be made: ${reason}`, { cause })
  }
}
