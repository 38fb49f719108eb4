import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { askSecret } from '@p2p-secure-chat/core/input/questions'
import { PASSPHRASE_LIMIT } from './passphrase.ts'

/** How many passphrases a person may try before the program ends. */
const ATTEMPTS = 3

/** Asks for the passphrase that opens the key of a name. */
export function askPassphrase(name: string): Promise<string> {
  return askSecret({ message: `Passphrase of ${name}'s key:` })
}

/**
 * Lets a person choose a passphrase. It is not shown, so the person types it until two entries match.
 *
 * @param what it is for, such as `alice's new key`
 * @param enter what Enter alone means
 * @returns at most PASSPHRASE_LIMIT bytes in the form of newPassphrase(); empty for Enter alone
 */
export async function choosePassphrase(what: string, enter = 'none'): Promise<string> {
  for (let repeated = false; ; repeated = true) {
    const answer = await askSecret({
      message: `${repeated ? 'They differ. ' : ''}A passphrase for ${what} (Enter for ${enter}):`,
      check: text =>
        Buffer.byteLength(composed(text)) > PASSPHRASE_LIMIT ? `at most ${PASSPHRASE_LIMIT} bytes` : null,
    })
    const passphrase = composed(answer)
    if (passphrase === '' || passphrase === composed(await askSecret({ message: 'Type it again:' }))) return passphrase
  }
}

function composed(text: string): string {
  return text.normalize('NFC')
}

/**
 * Repeats an attempt that asks a person for a passphrase while the passphrase is wrong, up to three times.
 *
 * @param note shows the person a remark
 * @throws {ChatError} `bad-passphrase` of the last attempt; any other error of `attempt` at once
 */
export async function repeatWhileWrong<T>(attempt: () => Promise<T>, note: (text: string) => void): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      rethrowUnless(error, 'bad-passphrase')
      if (left === 0) throw error
      note('wrong passphrase; try again')
    }
  }
}
