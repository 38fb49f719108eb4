import type { ChatError } from '@p2p-secure-chat/core/errors'
import type { ChatEvent } from '../chat/chat-event.ts'

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
