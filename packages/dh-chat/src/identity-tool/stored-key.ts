import { ChatError } from '@p2p-secure-chat/core/errors'
import { identityPath } from '../identity/identity-file.ts'
import { type IdentityPem, parseIdentityPem } from '../identity/identity-pem.ts'
import { readPrivateFile } from '../identity/private-file.ts'

/** An identity as it lies on the disk. */
export interface StoredKey {
  readonly file: string
  /** All that is in the file. */
  readonly text: string
  readonly stored: IdentityPem
}

/**
 * Reads an identity that must be there: none is made here.
 *
 * @throws {ChatError} `unreadable` also where there is none; `bad-name`, `bad-identity`
 */
export async function readStoredKey(home: string, name: string): Promise<StoredKey> {
  const file = identityPath(home, name)
  const text = await readPrivateFile(file)
  if (text === null) {
    throw new ChatError('unreadable', `${name} has no identity: there is no ${file}`, {
      hint: 'check --name and --home; a chat under this name makes a new identity, and identity import takes one',
    })
  }
  return { file, text, stored: parseIdentityPem(text, file) }
}
