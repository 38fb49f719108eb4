import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { newPassphrase, readPassphraseFile } from '../identity/passphrase.ts'

/**
 * Reads a passphrase that is to be used from now on.
 *
 * @returns bytes that the caller wipes; null for an empty line, which means none
 * @throws {ChatError} `bad-passphrase` when it is too long, `unreadable`
 */
export async function readNewPassphrase(file: string): Promise<Uint8Array | null> {
  const passphrase = await readPassphraseFile(file)
  try {
    return passphrase.length === 0 ? null : newPassphrase(passphrase)
  } finally {
    wipe(passphrase)
  }
}

/** A passphrase that a person typed, as bytes that the caller wipes; null for an empty one. */
export function typedPassphrase(answer: string): Uint8Array | null {
  return answer === '' ? null : Buffer.from(answer)
}
