import type { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { PeerSecurity, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import type { FilePolicy } from '../files/file-transfers.ts'
import type { BlockedPeers } from './blocked-peers.ts'
import type { AcceptPolicy } from './call-policy.ts'
import type { ChatEvent } from './chat-event.ts'
import type { PeerConnection } from './establish.ts'

/** What a chat engine needs to hold conversations. It never asks which rung it is on. */
export interface ChatEngineOptions {
  /** Our own name. */
  readonly name: string
  readonly upgrade: Upgrade
  readonly policy: AcceptPolicy
  /** Peers whose calls are declined before our user hears of them, and whom we do not call. */
  readonly blocked: BlockedPeers
  readonly files: FilePolicy
  /**
   * Asks the directory where a user takes calls.
   *
   * @param signal aborts when nobody waits for it any more
   * @throws {ChatError} `unknown-user`, `declined`
   */
  readonly locate: (name: string, signal: AbortSignal | undefined) => Promise<Address>
  /**
   * Shows an event to our user. A `message` counts as handed over when the promise settles; if it rejects, the output
   * is gone.
   */
  readonly emit: (event: ChatEvent) => Promise<void>
  /** Watches the connections that we dial. */
  readonly tap?: TapSocket | undefined
}

/** What concerns all the peers of one user. */
export interface PeerContext extends Pick<ChatEngineOptions, 'name' | 'policy' | 'blocked' | 'emit'> {
  readonly filePolicy: FilePolicy
  /** Whether our user is leaving: no calls are accepted, and a conversation whose connection breaks is over. */
  readonly leaving: boolean
  /**
   * Connects to a peer, up to the end of the upgrade.
   *
   * @param signal aborts when nobody waits for it any more
   * @throws {ChatError} why the peer was not reached
   */
  reach(peer: string, signal: AbortSignal): Promise<PeerConnection>
  /**
   * Shows an event, and settles when the output has it. Never rejects: an output that is gone ends the whole client.
   */
  tell(event: ChatEvent): Promise<void>
  /** Whether a call may disturb our user now, and counts that. */
  mayRing(caller: PeerSecurity): boolean
  /** Whether we may dial a stranger whose connection broke, and counts that. */
  mayDialBack(): boolean
  /** The number under which our user knows the next file. */
  nextFileNumber(): number
  /** A call stopped ringing, or a file is over. */
  noteGone(): void
  /** That many texts will never be acknowledged. */
  noteUndelivered(count: number): void
  /** Work that must be done before the program ends. */
  noteUnfinished(work: Promise<void>): void
  /** Somebody tampers with a call of which our user has not heard. */
  noteTampering(error: ChatError, peer: string): void
}
