import { createPublicKey } from 'node:crypto'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { fingerprint, publicKeyToBytes, publicKeyToText } from '../identity/ed25519-key.ts'
import { ROUNDS } from '../identity/pbes2.ts'
import { openKey, readStoredKey, type Request } from './stored-key.ts'

/** Cells from the left edge to the second column. */
const LABEL_CELLS = 14

/** The public facts about an identity. */
interface Facts {
  readonly name: string
  readonly fingerprint: string
  readonly file: string
  readonly encrypted: boolean
  /** Rounds of PBKDF2 for one guess at the passphrase; null when there is none. */
  readonly rounds: number | null
  /** The raw key in base64url, as in the known peers file. */
  readonly publicKey: string
  /** The key as SubjectPublicKeyInfo in PEM. */
  readonly publicKeyPem: string
}

/**
 * Shows one's own identity. An encrypted file hides the public key as well, so it must be opened.
 *
 * @throws {ChatError} as readStoredKey and openKey
 */
export async function showIdentity(request: Request): Promise<void> {
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
  request.out.event({ event: 'identity', ...facts }, ...lines(facts))
}

function lines(facts: Facts): string[] {
  const rows = [
    ['name', facts.name],
    ['fingerprint', facts.fingerprint],
    ['file', printableLine(facts.file)],
    ['encrypted', encryption(facts)],
    ['public key', facts.publicKey],
  ] as const
  const table = rows.map(([label, value]) => `${label.padEnd(LABEL_CELLS)}${value}`)
  return [...table, '', facts.publicKeyPem.trimEnd()]
}

function encryption({ name, rounds }: Facts): string {
  if (rounds === null) return `no: anyone who reads the file can be ${name}`
  const count = rounds.toLocaleString('en')
  return rounds < ROUNDS
    ? `yes, but weakly: ${count} rounds of PBKDF2; identity passphrase raises it to ${ROUNDS.toLocaleString('en')}`
    : `yes, with ${count} rounds of PBKDF2`
}
