import { ChatError } from '@p2p-secure-chat/core/errors'

/** How often a person may give a passphrase before the program ends. */
const ATTEMPTS = 3

/**
 * Does what asks a person for a passphrase, again while it is wrong, three times at most.
 *
 * @param note tells the person
 * @throws {ChatError} `bad-passphrase` of the last attempt; what else `attempt` throws
 */
export async function repeatWhileWrong<T>(attempt: () => Promise<T>, note: (text: string) => void): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      const wrong = error instanceof ChatError && error.code === 'bad-passphrase'
      if (!wrong || left === 0) throw error
      note('that passphrase does not open it; try again')
    }
  }
}
