import { createCipheriv, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import {
  type DerReader,
  derInteger,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  readDer,
} from '@p2p-secure-chat/core/dh/der'
import { ChatError } from '@p2p-secure-chat/core/errors'

/**
 * Iterations of PBKDF2: the OWASP recommendation for SHA-256, a few tenths of a second. The default of Node and OpenSSL
 * is 2,048.
 */
export const ROUNDS = 600_000

/** Upper limit for a file from elsewhere, a few seconds: a file with more could hang the program. */
export const MAX_ROUNDS = 10_000_000

const SALT_BYTES = 16
const IV_BYTES = 16
const KEY_BYTES = 32

// RFC 8018, appendices A and B; the last one is NIST's.
const PBES2 = derObjectIdentifier('1.2.840.113549.1.5.13')
const PBKDF2 = derObjectIdentifier('1.2.840.113549.1.5.12')
const HMAC_WITH_SHA256 = derObjectIdentifier('1.2.840.113549.2.9')
const AES_256_CBC = derObjectIdentifier('2.16.840.1.101.3.4.1.42')

/** Salt and IV make two encryptions of the same key differ; the rounds set the cost of a guess at the passphrase. */
export interface Pbes2Parameters {
  readonly salt: Uint8Array
  readonly iv: Uint8Array
  readonly rounds: number
}

/**
 * Encrypts a private key under a passphrase: PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018, section 6.2), in
 * an EncryptedPrivateKeyInfo (RFC 5958, section 3). The format has no room for authentication. It would not help much:
 * anyone who can write the file can replace the key.
 *
 * @param privateKey PrivateKeyInfo in DER
 * @param passphrase any bytes
 * @param parameters for tests that compare bytes; never reuse a salt or an IV
 * @returns EncryptedPrivateKeyInfo in DER
 */
export async function encryptPrivateKey(
  privateKey: Uint8Array,
  passphrase: Uint8Array,
  { salt, iv, rounds }: Pbes2Parameters = fresh(),
): Promise<Uint8Array> {
  const key = await promisify(pbkdf2)(passphrase, salt, rounds, KEY_BYTES, 'sha256')
  try {
    const cipher = createCipheriv('aes-256-cbc', key, iv)
    const encrypted = Buffer.concat([cipher.update(privateKey), cipher.final()])
    const prf = derSequence(HMAC_WITH_SHA256, derNull)
    const kdf = derSequence(PBKDF2, derSequence(derOctetString(salt), derInteger(BigInt(rounds)), prf))
    const scheme = derSequence(AES_256_CBC, derOctetString(iv))
    return derSequence(derSequence(PBES2, derSequence(kdf, scheme)), derOctetString(encrypted))
  } finally {
    wipe(key)
  }
}

function fresh(): Pbes2Parameters {
  return { salt: randomBytes(SALT_BYTES), iv: randomBytes(IV_BYTES), rounds: ROUNDS }
}

/**
 * Reads the cost of a guess at the passphrase before anything pays it.
 *
 * @param der EncryptedPrivateKeyInfo, with PBKDF2 and any cipher
 * @returns rounds of PBKDF2, from 1 to MAX_ROUNDS
 * @throws {ChatError} `bad-identity` for everything else
 */
export function roundsOf(der: Uint8Array): number {
  const info = readDer(der, 'bad-identity').sequence()
  const pbes2 = parametersOf(info.sequence(), PBES2)
  const pbkdf2 = parametersOf(pbes2.sequence(), PBKDF2)
  pbkdf2.octetString()
  const rounds = pbkdf2.integer()
  if (rounds >= 1n && rounds <= BigInt(MAX_ROUNDS)) return Number(rounds)
  // A number of thousands of digits would help nobody.
  const shown = rounds > Number.MAX_SAFE_INTEGER ? 'far too many' : String(rounds)
  throw new ChatError('bad-identity', `the key is encrypted with ${shown} rounds: 1 to ${MAX_ROUNDS} are accepted`)
}

/** The parameters of an AlgorithmIdentifier that must name this algorithm. */
function parametersOf(identifier: DerReader, wanted: Uint8Array): DerReader {
  if (Buffer.compare(identifier.objectIdentifier(), wanted) === 0) return identifier.sequence()
  throw new ChatError('bad-identity', 'the key is not encrypted with PBES2 and PBKDF2')
}
