import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import type { BlockedPeers } from '../chat/blocked-peers.ts'
import type { Prove } from '../directory/authentication.ts'
import type { ChatCommand } from '../commands/chat-command.ts'
import type { EventLog } from './event-log.ts'
import type { ExpectKey } from './expect-key.ts'
import type { PersonalFiles } from './personal-files.ts'

/** A user's side of one rung, ready to call and to be called. */
export interface Persona {
  readonly upgrade: Upgrade
  readonly prove: Prove | null
  readonly fingerprint: string | null
  /** Null where nobody has a key. */
  readonly expectKey: ExpectKey | null
  /** Whose calls are not taken. */
  readonly blocked: BlockedPeers
  /** Null where nothing is kept. */
  readonly files: PersonalFiles | null
  /** Commands that only make sense where peers have identities. */
  readonly commands: readonly ChatCommand[]
  /** Null where nothing is ever kept. */
  readonly log: EventLog | null
}
