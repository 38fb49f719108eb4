import type { ChatError } from '@p2p-secure-chat/core/errors'
import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'
import type { FilePolicy } from '../files/file-transfers.ts'
import type { AcceptPolicy } from './accept-policy.ts'
import type { BlockedPeers } from './blocked-peers.ts'
import type { ChatEvent } from './chat-event.ts'
import type { Connection } from './establish.ts'

/** What concerns all the peers of one user. */
export interface PeerContext {
  /** Our own name. */
  readonly name: string
  readonly policy: AcceptPolicy
  readonly filePolicy: FilePolicy
  readonly blocked: BlockedPeers
  /** Whether our user leaves: no calls are taken, and what breaks is over. */
  readonly leaving: boolean
  /**
   * Reaches somebody, up to the end of the upgrade.
   *
   * @param signal aborts when nobody waits for it any more
   * @throws {ChatError} why they were not reached
   */
  reach(peer: string, signal: AbortSignal): Promise<Connection>
  /** Tells the user; settles when their output has it. Never rejects: an output that is gone ends the whole client. */
  tell(event: ChatEvent): Promise<void>
  /** The same for what counts as handed over then. @throws {ChatError} when the output is gone */
  emit(event: ChatEvent): Promise<void>
  /** Whether a call may disturb our user now, and counts that. */
  mayRing(caller: Learnt): boolean
  /** Whether we may dial a stranger whose connection broke, and counts that. */
  mayDialBack(): boolean
  /** The number that our user knows the next file by. */
  nextFileNumber(): number
  /** A call stopped ringing, or a file is over. */
  noteGone(): void
  /** So many texts will never be acknowledged. */
  noteUndelivered(count: number): void
  /** Work that must be done before the program ends. */
  noteUnfinished(work: Promise<void>): void
  /** Somebody tampers with a call of which our user has not heard. */
  noteTampering(error: ChatError, peer: string): void
}
