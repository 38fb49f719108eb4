import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { checkName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { IDENTITY_FILE } from '@p2p-secure-chat/basic-p2p/program/home-folder'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Identity, identityOf } from './identity.ts'
import { formatIdentityPem, parseIdentityPem } from './identity-pem.ts'
import { readPrivateFile, writeNewPrivateFile } from './own-files.ts'

/** Attempts to load or create the file. Another program may create it first, but hardly more than once. */
const ROUNDS = 3

export interface StoredIdentityOptions {
  /** The folder that holds one folder for each name. */
  readonly home: string
  readonly name: string
  /** UTF-8 bytes, zeroed before the promise settles. It also encrypts a new identity. */
  readonly passphrase?: Uint8Array | undefined
  /**
   * Asks a person when no passphrase is given: to unlock an encrypted identity, or to choose one for a new identity. An
   * empty answer leaves a new identity unencrypted.
   */
  readonly askPassphrase?: ((purpose: 'unlock' | 'create') => Promise<string>) | undefined
}

export interface StoredIdentity extends Identity {
  /** Whether it was created just now. */
  readonly created: boolean
  readonly encrypted: boolean
}

/** The path of a name's identity. @throws {ChatError} `bad-name` */
export function identityPath(home: string, name: string): string {
  return join(home, checkName(name), IDENTITY_FILE)
}

/**
 * The Ed25519 identity in HOME/NAME/identity.pem (PKCS #8 in PEM, which `openssl pkey` reads), created on first use. Two
 * programs that create it at the same time get the same identity.
 *
 * @throws {ChatError} `bad-name`; `bad-identity` when the file holds something else or is open to others;
 * `bad-passphrase` when it is wrong, missing, empty or too long; `unreadable`, `unwritable`, `disk-full`
 */
export async function loadOrCreateIdentity(options: StoredIdentityOptions): Promise<StoredIdentity> {
  const { name } = options
  const file = identityPath(options.home, name)
  const secrets = options.passphrase === undefined ? [] : [options.passphrase]

  async function passphraseTo(purpose: 'unlock' | 'create'): Promise<Uint8Array | undefined> {
    const [given] = secrets
    if (given !== undefined || options.askPassphrase === undefined) return given
    const answer = Buffer.from(await options.askPassphrase(purpose))
    if (answer.length === 0) return undefined
    secrets.push(answer)
    return answer
  }

  async function load(): Promise<StoredIdentity | null> {
    const text = await readPrivateFile(file)
    if (text === null) return null
    const stored = parseIdentityPem(text, file)
    if (!stored.encrypted) return { ...identityOf(name, stored.key), created: false, encrypted: false }
    const passphrase = await passphraseTo('unlock')
    if (passphrase === undefined) throw new ChatError('bad-passphrase', `${file} is encrypted and needs its passphrase`)
    return { ...identityOf(name, stored.open(passphrase)), created: false, encrypted: true }
  }

  async function create(): Promise<StoredIdentity | null> {
    const { privateKey } = generateKeyPairSync('ed25519')
    const passphrase = await passphraseTo('create')
    // Only now: a person who leaves at the question for a passphrase leaves no file behind.
    if (!(await writeNewPrivateFile(file, await formatIdentityPem(privateKey, passphrase ?? null)))) return null
    return { ...identityOf(name, privateKey), created: true, encrypted: passphrase !== undefined }
  }

  try {
    for (let round = 0; round < ROUNDS; round++) {
      // If another program creates the file between these two steps, the next round loads that one.
      const identity = (await load()) ?? (await create())
      if (identity !== null) return identity
    }
    throw new ChatError('bad-identity', `${file} can be neither read nor created: is it a dangling link?`)
  } finally {
    wipe(...secrets)
  }
}
