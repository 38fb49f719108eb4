import { namesIn } from '@p2p-secure-chat/basic-p2p/program/home-folder'
import type { Reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { fingerprint, publicKeyToBytes } from '../identity/ed25519-key.ts'
import { readStoredKey } from './stored-key.ts'

/** Width of a fingerprint: the 32 bytes of a SHA-256 in base64url, without padding. */
const FINGERPRINT_CHARACTERS = 43

/**
 * Lists the identities of a home, without a question: the fingerprint of an encrypted one is not shown, since its file
 * hides the public key as well. `identity show` asks for its passphrase.
 *
 * @throws {ChatError} `bad-identity`, `unreadable`, `unsafe-file`
 */
export async function listIdentities(home: string, out: Reporter): Promise<void> {
  const names = namesIn(home)
  const width = Math.max(0, ...names.map(name => name.length))
  for (const name of names) {
    const { file, stored } = await readStoredKey(home, name)
    const shown = stored.encrypted ? null : fingerprint(publicKeyToBytes(stored.key))
    const facts = { name, fingerprint: shown, file, encrypted: stored.encrypted }
    const key = (shown ?? 'encrypted').padEnd(FINGERPRINT_CHARACTERS)
    out.event({ event: 'identity', ...facts }, `${name.padEnd(width)}  ${key}  ${file}`)
  }
  if (names.length === 0) out.print(`no identities in ${home}`)
}
