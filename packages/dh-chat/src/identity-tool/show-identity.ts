import { createPublicKey } from 'node:crypto'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { publicKeyToBytes, publicKeyToText } from '../identity/ed25519-key.ts'
import { fingerprint } from '../identity/fingerprint.ts'
import { ROUNDS } from '../identity/pbes2.ts'
import { openKey } from './open-key.ts'
import type { Request } from './request.ts'
import { readStoredKey } from './stored-key.ts'

/** Cells from the left edge to the second column. */
const LABEL_CELLS = 14

/** What there is to know about an identity that is no secret. */
interface Facts {
  readonly name: string
  readonly fingerprint: string
  readonly file: string
  readonly encrypted: boolean
  /** How often PBKDF2 goes round for one guess at the passphrase; null where there is none. */
  readonly rounds: number | null
  /** The raw key in base64url, as it stands in a file of known peers. */
  readonly publicKey: string
  /** The key as SubjectPublicKeyInfo in PEM. */
  readonly publicKeyPem: string
}

/**
 * Tells what is known of one's own identity. An encrypted file hides the public key as well, so that it has to be opened.
 *
 * @param json one object on a line, instead of lines for people
 * @returns text for stdout
 * @throws {ChatError} as readStoredKey and openKey
 */
export async function showIdentity(request: Request, { json }: { readonly json: boolean }): Promise<string> {
  const { file, stored } = await readStoredKey(request.home, request.name)
  const { key, passphrase } = await openKey(stored, request)
  if (passphrase !== null) wipe(passphrase)
  const raw = publicKeyToBytes(key)
  const facts: Facts = {
    name: request.name,
    fingerprint: fingerprint(raw),
    file,
    encrypted: stored.encrypted,
    rounds: stored.encrypted ? stored.rounds : null,
    publicKey: publicKeyToText(raw),
    publicKeyPem: createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString(),
  }
  return json ? jsonLine({ v: 1, event: 'identity', at: new Date().toISOString(), ...facts }) : lines(facts)
}

function lines(facts: Facts): string {
  const rows = [
    ['name', facts.name],
    ['fingerprint', facts.fingerprint],
    ['file', printableLine(facts.file)],
    ['encrypted', encryption(facts)],
    ['public key', facts.publicKey],
  ] as const
  const table = rows.map(([label, value]) => `${label.padEnd(LABEL_CELLS)}${value}\n`).join('')
  return `${table}\n${facts.publicKeyPem}`
}

function encryption({ name, rounds }: Facts): string {
  if (rounds === null) return `no: whoever reads the file can be ${name}`
  const count = rounds.toLocaleString('en')
  return rounds < ROUNDS
    ? `yes, weakly: ${count} rounds of PBKDF2; identity passphrase makes it ${ROUNDS.toLocaleString('en')}`
    : `yes, with ${count} rounds of PBKDF2`
}
