import { askSecret } from '@p2p-secure-chat/core/terminal/questions'
import { PASSPHRASE_LIMIT } from './identity-file.ts'

/** Asks for the passphrase that opens somebody's identity. */
export function askPassphrase(name: string): Promise<string> {
  return askSecret({ message: `Passphrase of ${name}'s key:` })
}

/**
 * Lets a person choose a passphrase: unseen, and therefore twice until both are the same.
 *
 * @returns at most PASSPHRASE_LIMIT bytes; empty when they want none
 */
export async function choosePassphrase(name: string): Promise<string> {
  for (let repeated = false; ; repeated = true) {
    const passphrase = await askSecret({
      message: `${repeated ? 'They differ. ' : ''}A passphrase for ${name}'s new key (Enter for none):`,
      check: text => (Buffer.byteLength(text) > PASSPHRASE_LIMIT ? `at most ${PASSPHRASE_LIMIT} bytes` : null),
    })
    if (passphrase === '' || passphrase === (await askSecret({ message: 'The same again:' }))) return passphrase
  }
}
