import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, isSystemError } from './file-error.ts'
import { type Identity, identityOf } from './identity.ts'

/** The longest passphrase that node:crypto takes, in bytes. */
export const PASSPHRASE_LIMIT = 1024

/** PKCS#8 says in its first line whether it is encrypted (RFC 7468, sections 10 and 11). */
const ENCRYPTED_HEADER = '-----BEGIN ENCRYPTED PRIVATE KEY-----'

/** How often another program may be faster in making the file; more often than once means that something is wrong. */
const ROUNDS = 3

export interface IdentityOptions {
  /** The folder that holds one folder for each name. */
  readonly home: string
  readonly name: string
  /** UTF-8 bytes, zeroed before the promise settles. A new identity is encrypted with it. */
  readonly passphrase?: Uint8Array | undefined
  /**
   * Asks a person where no passphrase was given: to unlock an encrypted identity, or to choose one for a new identity.
   * The empty answer leaves a new identity unencrypted.
   */
  readonly askPassphrase?: ((purpose: 'unlock' | 'create') => Promise<string>) | undefined
}

export interface StoredIdentity extends Identity {
  /** Whether it was made just now. */
  readonly created: boolean
  readonly encrypted: boolean
}

/**
 * The Ed25519 identity in HOME/NAME/identity.pem (PKCS#8 in PEM, which `openssl pkey` reads), made on first use. As ssh
 * does, this refuses a private key of one's own that other users can read. The file appears whole or not at all, and two
 * programs that create it at once end up with the same identity.
 *
 * @throws {ChatError} `bad-name`; `bad-identity` when the file holds something else or is open to others;
 * `bad-passphrase` when it is wrong, missing, empty or too long; `unreadable`, `unwritable`
 */
export async function loadOrCreateIdentity(options: IdentityOptions): Promise<StoredIdentity> {
  const name = checkName(options.name)
  const folder = join(options.home, name)
  const file = join(folder, 'identity.pem')
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
    const pem = await readPrivateFile(file)
    if (pem === null) return null
    const encrypted = pem.toString('latin1').trimStart().startsWith(ENCRYPTED_HEADER)
    const key = encrypted ? unlock(file, pem, await passphraseTo('unlock')) : readKey(file, pem)
    return { ...identityOf(name, key), created: false, encrypted }
  }

  async function create(): Promise<StoredIdentity | null> {
    const { privateKey } = generateKeyPairSync('ed25519')
    const passphrase = await passphraseTo('create')
    // Only now: who is asked for a passphrase and leaves has left nothing behind.
    await makeFolder(folder)
    if (!(await writeNewFile(file, exportKey(privateKey, passphrase)))) return null
    return { ...identityOf(name, privateKey), created: true, encrypted: passphrase !== undefined }
  }

  try {
    for (let round = 0; round < ROUNDS; round++) {
      // Where another program creates the file between these two steps, the next round loads that one.
      const identity = (await load()) ?? (await create())
      if (identity !== null) return identity
    }
    throw new ChatError('bad-identity', `${file} can neither be read nor made: is it a link that leads nowhere?`)
  } finally {
    wipe(...secrets)
  }
}

function readKey(file: string, pem: Buffer): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    throw new ChatError('bad-identity', `${file} holds no private key in PEM`, { cause })
  }
  return checkKind(file, key)
}

function unlock(file: string, pem: Buffer, passphrase: Uint8Array | undefined): KeyObject {
  if (passphrase === undefined) throw new ChatError('bad-passphrase', `${file} is encrypted and needs its passphrase`)
  let key: KeyObject
  try {
    key = createPrivateKey({ key: pem, passphrase: checkedPassphrase(passphrase) })
  } catch (cause) {
    if (cause instanceof ChatError) throw cause
    throw new ChatError('bad-passphrase', `this passphrase does not open ${file}, or the file is damaged`, { cause })
  }
  return checkKind(file, key)
}

function checkKind(file: string, key: KeyObject): KeyObject {
  if (key.asymmetricKeyType === 'ed25519') return key
  throw new ChatError('bad-identity', `${file} holds a key of type ${key.asymmetricKeyType}, not Ed25519`)
}

function exportKey(key: KeyObject, passphrase: Uint8Array | undefined): string {
  if (passphrase === undefined) return key.export({ format: 'pem', type: 'pkcs8' }).toString()
  const encryption = { cipher: 'aes-256-cbc', passphrase: checkedPassphrase(passphrase) }
  return key.export({ format: 'pem', type: 'pkcs8', ...encryption }).toString()
}

/** Node takes strings and Buffers here, no other bytes; this is a view, so wiping the original wipes it too. */
function checkedPassphrase(bytes: Uint8Array): Buffer {
  if (bytes.length === 0) throw new ChatError('bad-passphrase', 'the passphrase is empty')
  if (bytes.length > PASSPHRASE_LIMIT) {
    throw new ChatError('bad-passphrase', `the passphrase has more than ${PASSPHRASE_LIMIT} bytes`)
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw fileError('unwritable', folder, cause)
  }
}

/** @returns the bytes of the file, null where there is none */
async function readPrivateFile(file: string): Promise<Buffer | null> {
  try {
    const { mode, uid } = await stat(file)
    // On systems without user ids, modes do not tell who may read.
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) {
      throw new ChatError('bad-identity', `other users may read ${file}; take that away with: chmod 600 ${file}`)
    }
    return await readFile(file)
  } catch (cause) {
    // Where a folder can not even be made, making it says why.
    if (isSystemError(cause, 'ENOENT') || isSystemError(cause, 'ENOTDIR')) return null
    throw cause instanceof ChatError ? cause : fileError('unreadable', file, cause)
  }
}

/** @returns false where the file exists already; its content is then left alone */
async function writeNewFile(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`
  try {
    try {
      await writeFile(draft, content, { flag: 'wx', mode: 0o600, flush: true })
      // Unlike a rename, a link never replaces what is there.
      await link(draft, file)
      return true
    } finally {
      await rm(draft, { force: true })
    }
  } catch (cause) {
    if (isSystemError(cause, 'EEXIST')) return false
    throw fileError('unwritable', file, cause)
  }
}
