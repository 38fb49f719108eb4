import { namesIn } from '@p2p-secure-chat/basic-p2p/program/home-folder'
import type { Reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { fingerprint, publicKeyToBytes } from '../identity/ed25519-key.ts'
import { readStoredKey } from './stored-key.ts'

/**
 * Lists the identities of a home, without a question: the fingerprint of an encrypted one is not shown, since its file
 * hides the public key as well.
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
    out.event({ event: 'identity', ...facts }, `${name.padEnd(width)}  ${shown ?? 'encrypted: identity show opens it'}`)
  }
  if (names.length === 0) out.print(`no identities in ${home}`)
}
