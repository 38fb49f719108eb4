import type { KeyObject } from 'node:crypto'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { IdentityPem, LockedIdentity } from '../identity/identity-pem.ts'
import { readPassphraseFile } from '../identity/passphrase.ts'
import { askPassphrase } from '../identity/passphrase-questions.ts'
import { repeatWhileWrong } from '../identity/repeat-while-wrong.ts'
import type { Request } from './request.ts'

/** A key that can be used, and the passphrase that opened it; the caller wipes that. */
export interface OpenKey {
  readonly key: KeyObject
  /** Null where none was needed. */
  readonly passphrase: Uint8Array | null
}

/**
 * Opens a key with the passphrase in the file that was named, or else with the one that a person types.
 *
 * @throws {ChatError} `usage` where nobody can give the passphrase; `bad-passphrase`, `bad-identity`, `unreadable`
 */
export async function openKey(stored: IdentityPem, request: Request): Promise<OpenKey> {
  if (!stored.encrypted) return { key: stored.key, passphrase: null }
  const { name, passphraseFile, interactive, note } = request
  if (passphraseFile !== null) return unlock(stored, await readPassphraseFile(passphraseFile))
  if (!interactive) throw new ChatError('usage', 'the key is encrypted: name its passphrase with --passphrase-file')
  return repeatWhileWrong(async () => unlock(stored, Buffer.from(await askPassphrase(name))), note)
}

function unlock(locked: LockedIdentity, passphrase: Uint8Array): OpenKey {
  try {
    return { key: locked.open(passphrase), passphrase }
  } catch (error) {
    wipe(passphrase)
    throw error
  }
}
