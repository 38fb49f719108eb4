import { existsSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { formatIdentityPem, type IdentityPem } from '../identity/identity-pem.ts'
import { choosePassphrase } from '../identity/passphrase-questions.ts'
import { readNewPassphrase, typedPassphrase } from '../identity/passphrase.ts'
import { type EncryptingRequest, openKey, readStoredKey, type Request } from './stored-key.ts'

/**
 * Makes a backup of a key: as it is, which needs no passphrase, or under a new passphrase.
 *
 * @param out a file that must not exist yet; null for stdout
 * @throws {ChatError} `unwritable`, `disk-full`; as readStoredKey and openKey
 */
export async function exportIdentity(request: EncryptingRequest, out: string | null): Promise<void> {
  const { name } = request
  if (out !== null && existsSync(out)) throw inTheWay(out)
  const { stored } = await readStoredKey(request.home, name)
  const chosen = await choose(request, stored.encrypted)
  const pem = chosen === undefined ? stored.pem : await reencrypt(stored, request, chosen)
  if (out !== null) await writeBackup(out, pem)
  const where = out === null ? 'this is' : `${out} is`
  const encrypted = chosen === undefined ? stored.encrypted : chosen !== null
  request.out.note(
    encrypted
      ? `${where} the key of ${name}, encrypted ${chosen === undefined ? 'as it is here' : 'with the new passphrase'}`
      : `${where} the key of ${name}, not encrypted: anyone who reads it can be ${name}`,
  )
  if (out === null) request.out.print(pem.trimEnd())
}

async function reencrypt(stored: IdentityPem, request: Request, chosen: Uint8Array | null): Promise<string> {
  const { key, passphrase } = await openKey(stored, request)
  try {
    return await formatIdentityPem(key, chosen)
  } finally {
    for (const secret of [passphrase, chosen]) if (secret !== null) wipe(secret)
  }
}

/** @returns null for no passphrase, undefined to keep the encryption as it is */
async function choose(
  { interactive, newPassphraseFile }: EncryptingRequest,
  encrypted: boolean,
): Promise<Uint8Array | null | undefined> {
  if (newPassphraseFile !== null) return readNewPassphrase(newPassphraseFile)
  if (!interactive) return undefined
  const answer = await choosePassphrase('this backup', encrypted ? 'the one of the key' : 'none')
  return typedPassphrase(answer) ?? undefined
}

/** Without link or rename: a backup may go to a file system without links, and never replaces another file. */
async function writeBackup(file: string, content: string): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } catch (cause) {
      await rm(file, { force: true })
      throw cause
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw systemCode(cause) === 'EEXIST' ? inTheWay(file) : fileError('unwritable', file, cause)
  }
}

function inTheWay(file: string): ChatError {
  return new ChatError('unwritable', `${file} already exists`, {
    hint: 'name another file with --out: a backup never replaces a file',
  })
}
