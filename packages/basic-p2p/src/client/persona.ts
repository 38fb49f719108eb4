import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import type { Prove } from '../directory/authentication.ts'
import type { ChatCommand } from './chat-command.ts'

/**
 * Takes the word of an invite for who a name is, as long as the client runs.
 *
 * @param fingerprint SHA-256 of the key, base64url
 * @throws {ChatError} `key-changed` when another key is remembered for the name; `bad-known-peers`, `unreadable`
 */
export type ExpectKey = (name: string, fingerprint: string) => Promise<void>

/** A user's side of one rung, ready to call and to be called. */
export interface Persona {
  readonly upgrade: Upgrade
  readonly prove: Prove | null
  readonly fingerprint: string | null
  /** Null where nobody has a key. */
  readonly expectKey: ExpectKey | null
  /** Commands that only make sense where peers have identities. */
  readonly commands: readonly ChatCommand[]
}
