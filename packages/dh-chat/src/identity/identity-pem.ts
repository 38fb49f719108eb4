import { createPrivateKey, type KeyObject } from 'node:crypto'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { decodePem, encodePem, type PemBlock } from '@p2p-secure-chat/core/dh/pem'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { newPassphrase, passphraseForms } from './passphrase.ts'
import { encryptPrivateKey, roundsOf } from './pbes2.ts'

/** The two labels of PKCS #8 (RFC 7468, sections 10 and 11). */
const PLAIN = 'PRIVATE KEY'
const ENCRYPTED = 'ENCRYPTED PRIVATE KEY'

/** A private key that anyone with the text can use. */
interface PlainIdentity {
  readonly encrypted: false
  /** The PEM block alone, without any text around it. */
  readonly pem: string
  readonly key: KeyObject
}

/** A private key under a passphrase. Nothing about it is readable, not even its public half. */
export interface LockedIdentity {
  readonly encrypted: true
  readonly pem: string
  /** Rounds of PBKDF2 for one guess. */
  readonly rounds: number
  /**
   * Tries each of passphraseForms().
   *
   * @throws {ChatError} `bad-passphrase` when it is wrong, empty or too long; `bad-identity` for another kind of key
   */
  open(passphrase: Uint8Array): KeyObject
}

export type IdentityPem = PlainIdentity | LockedIdentity

/**
 * Reads an Ed25519 private key: PKCS #8 in PEM, as `openssl genpkey` and this project write it.
 *
 * @param source where the text comes from, for errors
 * @throws {ChatError} `bad-identity`
 */
export function parseIdentityPem(text: string, source: string): IdentityPem {
  let block: PemBlock
  let rounds: number | null
  try {
    block = decodePem(text, [PLAIN, ENCRYPTED], 'bad-identity')
    rounds = block.label === ENCRYPTED ? roundsOf(block.der) : null
  } catch (cause) {
    rethrowUnless(cause)
    throw new ChatError('bad-identity', `${source} holds no usable private key: ${cause.message}`, { cause })
  }
  const pem = encodePem(block)
  if (rounds === null) return { encrypted: false, pem, key: read(pem, source) }
  return { encrypted: true, pem, rounds, open: passphrase => unlock(pem, source, passphrase) }
}

/**
 * Writes a private key so that `openssl pkey` reads it.
 *
 * @param passphrase used in the form of newPassphrase(); null leaves the key unencrypted
 * @throws {ChatError} `bad-passphrase` when it is empty or too long
 */
export async function formatIdentityPem(key: KeyObject, passphrase: Uint8Array | null): Promise<string> {
  const der = key.export({ format: 'der', type: 'pkcs8' })
  const secrets = [der]
  try {
    if (passphrase === null) return encodePem({ label: PLAIN, der })
    const composed = newPassphrase(passphrase)
    secrets.push(composed)
    return encodePem({ label: ENCRYPTED, der: await encryptPrivateKey(der, composed) })
  } finally {
    wipe(...secrets)
  }
}

function read(pem: string, source: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    throw new ChatError('bad-identity', `${source} holds no usable private key`, { cause })
  }
  return checkKind(key, source)
}

function unlock(pem: string, source: string, passphrase: Uint8Array): KeyObject {
  const forms = passphraseForms(passphrase)
  try {
    return checkKind(decrypt(pem, source, forms), source)
  } finally {
    wipe(...forms)
  }
}

function decrypt(pem: string, source: string, passphrases: readonly Buffer<ArrayBuffer>[]): KeyObject {
  let cause: unknown
  for (const passphrase of passphrases) {
    try {
      return createPrivateKey({ key: pem, passphrase })
    } catch (thrown) {
      cause = thrown
    }
  }
  throw new ChatError('bad-passphrase', `this passphrase does not open ${source}, or the file is damaged`, { cause })
}

function checkKind(key: KeyObject, source: string): KeyObject {
  if (key.asymmetricKeyType === 'ed25519') return key
  throw new ChatError('bad-identity', `${source} holds a key of type ${key.asymmetricKeyType}, not Ed25519`)
}
