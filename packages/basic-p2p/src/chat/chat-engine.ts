import { ChatError } from '@p2p-secure-chat/core/errors'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import type { FileTransfers } from '../files/file-transfers.ts'
import type { PeerConnection } from './establish.ts'
import type { IncomingCall } from './incoming-call.ts'
import { notOpen } from './no-conversation.ts'
import type { Peer } from './peer.ts'
import type { ChatEngineOptions } from './peer-context.ts'
import { PeerTable } from './peer-table.ts'

/** One call that waits for our user's answer; a later call in the same name is a different one. */
export type RingingCall = Pick<IncomingCall, 'peer' | 'since' | 'accept' | 'decline'>

/** What a client does with the conversations of its user. */
export interface ChatEngine {
  /** Names of the peers with an open conversation, interrupted ones too, in the order in which they opened. */
  readonly open: readonly string[]
  /** Names of the peers we are calling, the latest last. */
  readonly calling: readonly string[]
  /** Calls that wait for an answer, the latest last. */
  readonly ringing: readonly RingingCall[]
  /** Whether a conversation has lost its connection and has no new one yet. */
  isInterrupted(peer: string): boolean
  /** What is known about the peer of an open conversation. */
  security(peer: string): PeerSecurity | null
  /**
   * Opens a conversation, or finds the one that is open. If the peer is calling us already, that call is accepted.
   *
   * @param patience how long to retry while the peer has no place for the call, in milliseconds
   * @returns whether it is open now; if not, a `closed` event has said why
   * @throws {ChatError} `self-call`
   */
  call(peer: string, patience?: number): Promise<boolean>
  /**
   * Ends everything with that peer, and with their key, and silently declines all their further calls.
   *
   * @returns the fingerprint of the key that is blocked with the name, if one is known
   * @throws {ChatError} why the block will not last; everything with them has ended all the same
   */
  block(peer: string): Promise<string | null>
  /**
   * Queues a text for the peer, who gets it once, over whichever connection; settles when there is room for more.
   *
   * @throws {ChatError} `no-conversation`, `too-large`, `too-many`; `undelivered`, once it is over, when it was ending
   */
  say(peer: string, text: string): Promise<void>
  /** The files of an open conversation; null where there is none. */
  files(peer: string): FileTransfers | null
  /** Names of the peers with whom a file is offered, in transfer or waiting for its turn. */
  readonly exchanging: readonly string[]
  /** When a call stopped ringing or a file was over last, on the clock of `performance`. */
  readonly goneAt: number
  /** Waits until the peer acknowledged everything and files are over, or the conversation is over. */
  settled(peer: string): Promise<void>
  /**
   * Hangs up our call, or says goodbye and waits for the peer's.
   *
   * @throws {ChatError} `no-conversation` where there is neither
   */
  leave(peer: string): Promise<void>
  /** Says goodbye to everyone, and accepts no further calls. */
  leaveAll(): Promise<void>
  /** Gives up the conversations that are not over yet, and reports what was not delivered in them. */
  abandon(): void
  /** Handles a connection whose upgrade succeeded. Events report the result. */
  take(connection: PeerConnection): void
  /** How many texts were queued and never acknowledged. */
  readonly undelivered: number
}

/** Makes the engine of one user, which has no peers yet. */
export function chatEngine(options: ChatEngineOptions): ChatEngine {
  return new Engine(options)
}

class Engine implements ChatEngine {
  readonly #peers: PeerTable

  constructor(options: ChatEngineOptions) {
    this.#peers = new PeerTable(options)
  }

  get open(): readonly string[] {
    return this.#peers.all.filter(peer => peer.isOpen).map(({ name }) => name)
  }

  get calling(): readonly string[] {
    return this.#peers.all.filter(({ call }) => call !== null).map(({ name }) => name)
  }

  get ringing(): readonly RingingCall[] {
    return this.#peers.all.flatMap(({ ringing }) => ringing ?? []).toSorted((one, other) => one.since - other.since)
  }

  get exchanging(): readonly string[] {
    return this.#peers.all.filter(peer => (peer.conversation?.files.open.length ?? 0) > 0).map(({ name }) => name)
  }

  get goneAt(): number {
    return this.#peers.goneAt
  }

  get undelivered(): number {
    const waiting = this.#peers.all.map(peer => peer.conversation?.outbox.unacknowledged ?? 0)
    return waiting.reduce((sum, count) => sum + count, this.#peers.undelivered)
  }

  isInterrupted(peer: string): boolean {
    return this.#peers.find(peer)?.state === 'interrupted/resuming'
  }

  security(peer: string): PeerSecurity | null {
    return this.#peers.find(peer)?.conversation?.security ?? null
  }

  files(peer: string): FileTransfers | null {
    return this.#peers.find(peer)?.conversation?.files ?? null
  }

  async call(peer: string, patience?: number): Promise<boolean> {
    if (peer === this.#peers.name) throw new ChatError('self-call', 'this is your own name')
    const theirs = this.ringing.find(call => call.peer === peer)
    if (theirs === undefined) return this.#peers.named(peer).place(patience)
    await theirs.accept()
    return this.#peers.named(peer).isOpen
  }

  async block(peer: string): Promise<string | null> {
    const { all, blocked } = this.#peers
    const named =
      this.#peers.find(peer)?.security ?? all.find(one => one.name === peer && one.security !== null)?.security
    let key = named?.fingerprint ?? null
    try {
      key = await blocked.block(peer, key)
    } finally {
      const meant = this.#peers.all.filter(one => one.name === peer || one.hasKey(key))
      await Promise.all(meant.map(one => one.hangUp()))
    }
    return key
  }

  async say(peer: string, text: string): Promise<void> {
    await this.#partner(peer).say(text)
  }

  async settled(peer: string): Promise<void> {
    const conversation = this.#peers.find(peer)?.conversation
    await conversation?.settled()
    await conversation?.files.settled()
  }

  async leave(peer: string): Promise<void> {
    await this.#partner(peer).leave()
  }

  async leaveAll(): Promise<void> {
    this.#peers.leaving = true
    await Promise.all(this.#peers.all.map(peer => peer.leaveAll()))
    await this.#peers.finished()
  }

  abandon(): void {
    const silent = new ChatError('timeout', 'no goodbye came back')
    for (const peer of this.#peers.all) peer.end(silent)
  }

  take(connection: PeerConnection): void {
    this.#peers.peerOf(connection.security).hold(connection, null)
  }

  /** A peer to whom we can say goodbye: there is a conversation, or at least a call of ours. */
  #partner(name: string): Peer {
    const peer = this.#peers.find(name)
    if (peer === undefined || (peer.conversation === null && peer.call === null)) throw notOpen(name, this)
    return peer
  }
}
