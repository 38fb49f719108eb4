import { realpath } from 'node:fs/promises'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { replaceFile } from '@p2p-secure-chat/core/files/replace-file'
import { askYesNo } from '@p2p-secure-chat/core/input/questions'
import { formatIdentityPem } from '../identity/identity-pem.ts'
import { choosePassphrase } from '../identity/passphrase-questions.ts'
import { readPrivateFile } from '../identity/own-files.ts'
import { readNewPassphrase, typedPassphrase } from '../identity/passphrase.ts'
import { type EncryptingRequest, openKey, readStoredKey } from './stored-key.ts'

/**
 * Changes, sets or removes the passphrase of an identity; the key stays the same. The file is replaced as a whole at the
 * very end, so leaving or failing earlier leaves it as it was.
 *
 * @throws {ChatError} `usage` when nobody can give the new passphrase; `unwritable`, `disk-full`; as readStoredKey and
 * openKey
 */
export async function changePassphrase(request: EncryptingRequest): Promise<void> {
  const { name, home, interactive, newPassphraseFile, out } = request
  if (newPassphraseFile === null && !interactive) {
    throw new ChatError('usage', 'name the new passphrase with --new-passphrase-file; an empty first line removes it')
  }
  const { file, text, stored } = await readStoredKey(home, name)
  const { key, passphrase } = await openKey(stored, request)
  if (passphrase !== null) wipe(passphrase)

  const chosen =
    newPassphraseFile === null ? await chooseNew(name, stored.encrypted) : await readNewPassphrase(newPassphraseFile)
  if (chosen === undefined) return out.note(`nothing has changed: the key of ${name} keeps its passphrase`)
  try {
    const content = Buffer.from(await formatIdentityPem(key, chosen))
    // A link to another place stays a link.
    await replaceFile(await realpath(file), async () => {
      if ((await readPrivateFile(file)) === text) return content
      throw new ChatError('unwritable', `another program has just changed ${file}; it is left alone`, {
        hint: 'check the file, and try again once no other program writes to it',
      })
    })
  } finally {
    if (chosen !== null) wipe(chosen)
  }
  out.note(
    chosen === null
      ? `the key of ${name} is no longer encrypted: anyone who reads ${file} can be ${name}`
      : `the key of ${name} is encrypted with the new passphrase`,
  )
  if (stored.encrypted) out.note('earlier copies still open with the old passphrase')
}

/** @returns null for no passphrase, undefined to keep the current one */
async function chooseNew(name: string, encrypted: boolean): Promise<Uint8Array | null | undefined> {
  const chosen = typedPassphrase(await choosePassphrase(`${name}'s key`))
  if (chosen !== null || !encrypted) return chosen
  return (await askYesNo(`Without one, anyone who reads the file can be ${name}. Remove it?`)) ? null : undefined
}
