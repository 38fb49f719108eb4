import type { KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { parseName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { askName, readLastName } from '@p2p-secure-chat/basic-p2p/program/ask-name'
import { namesIn } from '@p2p-secure-chat/basic-p2p/program/home-folder'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { identityPath } from '../identity/identity-file.ts'
import { type IdentityPem, type LockedIdentity, parseIdentityPem } from '../identity/identity-pem.ts'
import { readPrivateFile } from '../identity/own-files.ts'
import { readPassphraseFile } from '../identity/passphrase.ts'
import { askPassphrase, repeatWhileWrong } from '../identity/passphrase-questions.ts'
import type { Reporter } from '@p2p-secure-chat/core/terminal/reporter'

/** The input of every command about an identity. */
export interface Request {
  readonly name: string
  /** The folder of identities. */
  readonly home: string
  /** The file with the passphrase that opens the key; null when none is given. */
  readonly passphraseFile: string | null
  /** Whether there is a person to ask. */
  readonly interactive: boolean
  /** Where results and remarks go. */
  readonly out: Reporter
}

/** The input of a command that can re-encrypt the key. */
export interface EncryptingRequest extends Request {
  /** The file whose first line is the new passphrase, empty for none; null when no file is given. */
  readonly newPassphraseFile: string | null
}

/** An identity on disk. */
export interface StoredKey {
  readonly file: string
  /** The whole content of the file. */
  readonly text: string
  readonly stored: IdentityPem
}

/** A usable key, and the passphrase that opened it, which the caller wipes. */
export interface OpenKey {
  readonly key: KeyObject
  /** Null for an unencrypted key. */
  readonly passphrase: Uint8Array | null
}

/**
 * The name whose identity a command is about: the given one, or else the only one there is, or else a person's answer.
 *
 * @param wanted whether the name must have an identity already, or must not have one
 * @throws {ChatError} `usage` when there is nobody to ask; `bad-name`
 */
export async function whose(
  given: string | undefined,
  { home, interactive }: { readonly home: string; readonly interactive: boolean },
  wanted: 'present' | 'absent',
): Promise<string> {
  if (given !== undefined) return parseName(given)
  const names = namesIn(home)
  if (wanted === 'present' && names.length === 1 && names[0] !== undefined) return names[0]
  if (!interactive) {
    const known = names.length === 0 ? '' : `; there are ${names.join(', ')}`
    throw new ChatError('usage', `whose identity? name it with --name${wanted === 'present' ? known : ''}`)
  }
  return askName({
    suggestions: [await readLastName(home)],
    async refuse(name) {
      const present = existsSync(identityPath(home, name))
      if (present === (wanted === 'present')) return null
      return `${name} ${present ? 'already has an identity' : 'has no identity'} in ${home}`
    },
  })
}

/**
 * Reads an existing identity; it never creates one.
 *
 * @throws {ChatError} `unreadable`, also when there is none; `bad-name`, `bad-identity`
 */
export async function readStoredKey(home: string, name: string): Promise<StoredKey> {
  const file = identityPath(home, name)
  const text = await readPrivateFile(file)
  if (text === null) {
    throw new ChatError('unreadable', `${name} has no identity: there is no ${file}`, {
      hint: 'check --name and --home; a chat under this name creates an identity, and identity import restores one',
    })
  }
  return { file, text, stored: parseIdentityPem(text, file) }
}

/**
 * Opens a key with the passphrase from the given file, or else with the one that a person types.
 *
 * @throws {ChatError} `usage` when nobody can give the passphrase; `bad-passphrase`, `bad-identity`, `unreadable`
 */
export async function openKey(stored: IdentityPem, request: Request): Promise<OpenKey> {
  if (!stored.encrypted) return { key: stored.key, passphrase: null }
  const { name, passphraseFile, interactive, out } = request
  if (passphraseFile !== null) return unlock(stored, await readPassphraseFile(passphraseFile))
  if (!interactive) throw new ChatError('usage', 'the key is encrypted: name its passphrase with --passphrase-file')
  return repeatWhileWrong(
    async () => unlock(stored, Buffer.from(await askPassphrase(name))),
    text => out.note(text),
  )
}

function unlock(locked: LockedIdentity, passphrase: Uint8Array): OpenKey {
  try {
    return { key: locked.open(passphrase), passphrase }
  } catch (error) {
    wipe(passphrase)
    throw error
  }
}
