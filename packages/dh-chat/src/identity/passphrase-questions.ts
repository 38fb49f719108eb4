import { askSecret } from '@p2p-secure-chat/core/input/questions'
import { PASSPHRASE_LIMIT } from './passphrase.ts'

/** Asks for the passphrase that opens somebody's identity. */
export function askPassphrase(name: string): Promise<string> {
  return askSecret({ message: `Passphrase of ${name}'s key:` })
}

/**
 * Lets a person choose a passphrase: unseen, and therefore twice until both are the same.
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
    if (passphrase === '' || passphrase === composed(await askSecret({ message: 'The same again:' }))) return passphrase
  }
}

function composed(text: string): string {
  return text.normalize('NFC')
}
