import type { ChatError } from '@p2p-secure-chat/core/errors'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import type { BlockedPeers } from '../chat/blocked-peers.ts'
import type { ChatEvent } from '../chat/chat-event.ts'
import type { ChatCommand } from '../commands/chat-command.ts'
import type { Prove } from '../directory/authentication.ts'
import type { ExpectKey } from '../directory/invite.ts'
import type { PersonalFiles } from '../commands/preferences.ts'

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

/** Follows what happens in a client, to keep it. Whatever becomes of that, the chat goes on. */
export interface EventLog {
  /**
   * Begins, if the user wants anything kept.
   *
   * @param report told what goes wrong, now and later
   * @param note told what a person should know
   */
  start(report: (error: ChatError) => void, note: (text: string) => void): Promise<void>
  /** Takes note of an event; neither waits nor throws. */
  follow(event: ChatEvent): void
  /** Settles when everything is kept. Never rejects. */
  stop(): Promise<void>
}
