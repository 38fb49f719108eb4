import { createReadStream, existsSync } from 'node:fs'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fingerprint, publicKeyToBytes } from '../identity/ed25519-key.ts'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { identityPath } from '../identity/identity-file.ts'
import { formatIdentityPem, parseIdentityPem } from '../identity/identity-pem.ts'
import { readNewPassphrase, readPassphraseFile, typedPassphrase } from '../identity/passphrase.ts'
import { choosePassphrase } from '../identity/passphrase-questions.ts'
import { isOpenToOthers, readKeyText, writeNewPrivateFile } from '../identity/own-files.ts'
import { type EncryptingRequest, openKey } from './stored-key.ts'

/** Stands for stdin on a command line. */
const DASH = '-'

/**
 * Imports a key from a file as the identity of a name that has none yet. It is checked and written in our own format,
 * under its old passphrase unless another one is chosen.
 *
 * @param source the PEM file, or a dash for stdin
 * @throws {ChatError} `unwritable`, also when the name has an identity; `disk-full`, `unreadable`, `bad-identity`,
 * `bad-name`, `bad-passphrase`, `usage`
 */
export async function importIdentity(
  given: EncryptingRequest,
  source: string,
  stdin: AsyncIterable<Uint8Array>,
): Promise<void> {
  // With the key on stdin, nobody can answer questions there.
  const request = source === DASH ? { ...given, interactive: false } : given
  const { name, home, out } = request
  const file = identityPath(home, name)
  if (existsSync(file)) throw inTheWay(name, file)

  const { text, origin, exposed } = await readSource(source, stdin)
  const stored = parseIdentityPem(text, origin)
  const { key, passphrase: old } = await openKey(stored, request)
  let passphrase: Uint8Array | null = null
  try {
    passphrase = await passphraseFor(old, request)
    if (!(await writeNewPrivateFile(file, await formatIdentityPem(key, passphrase)))) throw inTheWay(name, file)
  } finally {
    for (const secret of [old, passphrase]) if (secret !== null) wipe(secret)
  }

  const state = passphrase === null ? `not encrypted: anyone with its file can be ${name}` : 'encrypted'
  out.note(`imported the key of ${name}, ${state}`)
  out.note(`fingerprint ${fingerprint(publicKeyToBytes(key))}`)
  if (exposed) out.note(`other users can read ${source}: remove it, or make it private with chmod 600`)
}

/** @throws {ChatError} `unreadable`, `bad-identity` */
async function readSource(source: string, stdin: AsyncIterable<Uint8Array>) {
  const origin = source === DASH ? 'stdin' : source
  try {
    if (source === DASH) return { origin, text: await readKeyText(stdin, origin), exposed: false }
    return { origin, text: await readKeyText(createReadStream(source), origin), exposed: await isOpenToOthers(source) }
  } catch (cause) {
    throw cause instanceof ChatError ? cause : fileError('unreadable', origin, cause)
  }
}

/**
 * @param old the passphrase that opened the key
 * @returns the passphrase to encrypt it with, null for none
 */
async function passphraseFor(old: Uint8Array | null, request: EncryptingRequest): Promise<Uint8Array | null> {
  const { name, passphraseFile, newPassphraseFile, interactive } = request
  if (newPassphraseFile !== null) return readNewPassphrase(newPassphraseFile)
  if (old !== null) return old
  // As in a chat: the passphrase for opening a key also encrypts an unencrypted one.
  if (passphraseFile !== null) return readPassphraseFile(passphraseFile)
  return interactive ? typedPassphrase(await choosePassphrase(`${name}'s key`)) : null
}

function inTheWay(name: string, file: string): ChatError {
  return new ChatError('unwritable', `${name} already has an identity, which is never replaced: ${file}`, {
    hint: 'import under another --name or --home, or back it up with identity export and move that file away',
  })
}
