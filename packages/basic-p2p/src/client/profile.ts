import type { ChatError } from '@p2p-secure-chat/core/errors'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import type { BlockedPeers } from '../chat/blocked-peers.ts'
import type { ChatEvent } from '../chat/chat-event.ts'
import type { ChatCommand } from '../commands/chat-command.ts'
import type { Prove } from '../directory/authentication.ts'
import type { ExpectKey } from '../directory/invite.ts'
import type { PersonalFiles } from '../commands/preferences.ts'

/** The user's side of one rung, ready to call and to be called. */
export interface Profile {
  readonly upgrade: Upgrade
  readonly prove: Prove | null
  readonly fingerprint: string | null
  /** Null where peers have no keys. */
  readonly expectKey: ExpectKey | null
  /** Peers whose calls are declined. */
  readonly blocked: BlockedPeers
  /** Null where nothing is saved. */
  readonly files: PersonalFiles | null
  /** Commands that only make sense where peers have identities. */
  readonly commands: readonly ChatCommand[]
  /** Null where no log is ever kept. */
  readonly log: EventLog | null
}

/** Records what happens in a client. If that fails, the chat continues. */
export interface EventLog {
  /**
   * Begins, if the user wants a log.
   *
   * @param report shows what goes wrong, now and later
   * @param note shows what a person should know
   */
  start(report: (error: ChatError) => void, note: (text: string) => void): Promise<void>
  /** Records an event; neither waits nor throws. */
  follow(event: ChatEvent): void
  /** Settles when everything is saved. Never rejects. */
  stop(): Promise<void>
}
