import { contain } from '@p2p-secure-chat/core/contain'
import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { allowances, type Rate } from '@p2p-secure-chat/core/limits/allowances'
import { dial } from '@p2p-secure-chat/core/net/dial'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { Learnt, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import type { FilePolicy, FileTransfers } from '../files/file-transfers.ts'
import type { AcceptPolicy } from './accept-policy.ts'
import type { BlockedPeers } from './blocked-peers.ts'
import type { ChatEvent } from './chat-event.ts'
import { type Connection, establish } from './establish.ts'
import { failedCalls } from './failed-calls.ts'
import type { IncomingCall } from './incoming-call.ts'
import { notOpen } from './no-conversation.ts'
import { Peer, type Peers } from './peer.ts'
import { ringLimit } from './ring-limit.ts'

/**
 * How often we dial strangers who called us and whose connection broke: as often as in a classroom whose router starts
 * again. Beyond that they have to come back by themselves, or each handshake of theirs would cost us several of ours.
 */
export const DIAL_BACKS_TO_STRANGERS: Rate = { burst: 30, interval: 2_000 }

/** What the engine needs to hold conversations. It never asks which rung it is on. */
export interface ChatEngineOptions {
  readonly name: string
  readonly upgrade: Upgrade
  readonly policy: AcceptPolicy
  /** Whose calls are declined before anybody hears of them, and who is not called. */
  readonly blocked: BlockedPeers
  readonly files: FilePolicy
  /**
   * Where a user takes calls, by the directory's word.
   *
   * @param signal aborts when nobody waits for it any more
   * @throws {ChatError} `unknown-user`, `declined`
   */
  readonly locate: (name: string, signal: AbortSignal | undefined) => Promise<Address>
  /** Tells the user. A `message` counts as handed over when the promise settles; if it rejects, the output is gone. */
  readonly emit: (event: ChatEvent) => Promise<void>
  /** Watches the connections that we dial. */
  readonly tap?: TapSocket | undefined
}

/** One call that waits for our user's answer; a later call in the same name is another one. */
export type RingingCall = Pick<IncomingCall, 'peer' | 'since' | 'accept' | 'decline'>

/** What a client does with the conversations of its user. */
export interface ChatEngine {
  /** Names of the peers with an open conversation, interrupted ones too, in the order in which they opened. */
  readonly open: readonly string[]
  /** Names of the peers whom we are calling, the latest last. */
  readonly calling: readonly string[]
  /** Calls that wait for an answer, the latest last. */
  readonly ringing: readonly RingingCall[]
  /** Whether the connection of a conversation is lost, and another one is not there yet. */
  isInterrupted(peer: string): boolean
  /** What is known about the peer of an open conversation. */
  learnt(peer: string): Learnt | null
  /**
   * Opens a conversation, or finds the one that is open. A peer that calls us already is accepted.
   *
   * @param patience how long to try again while the peer has no place for the call, in milliseconds
   * @returns whether it is open now; if not, a `closed` event has said why
   * @throws {ChatError} `self-call`
   */
  call(peer: string, patience?: number): Promise<boolean>
  /**
   * Ends what there is with that peer, and with their key, and declines all further calls of theirs without a sound.
   *
   * @returns the fingerprint of the key that is blocked with the name, if one is known
   * @throws {ChatError} why it will not last; what there was is ended all the same
   */
  block(peer: string): Promise<string | null>
  /**
   * Takes a text for the peer, who gets it once, over whichever connection; settles when there is room for more.
   *
   * @throws {ChatError} `no-conversation`, `too-large`, `too-many`; `undelivered`, once it is over, when it was ending
   */
  say(peer: string, text: string): Promise<void>
  /** The files of an open conversation; null where there is none. */
  files(peer: string): FileTransfers | null
  /** Names of those with whom a file is under way, offered or to be offered. */
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
  /** Says goodbye to everyone, and takes no further calls. */
  leaveAll(): Promise<void>
  /** Gives up the conversations that are not over yet, and tells what was not delivered in them. */
  abandon(): void
  /** Takes a connection whose upgrade succeeded. Events say what comes of it. */
  take(connection: Connection): void
  /** How many texts were taken for sending and never acknowledged. */
  readonly undelivered: number
}

/** Keeps the peers of one user, and what concerns them all. */
export function chatEngine(options: ChatEngineOptions): ChatEngine {
  return new Engine(options)
}

class Engine implements ChatEngine, Peers {
  readonly #options: ChatEngineOptions
  /** By name; a stranger whose call was not accepted yet, by name and key. Open conversations in the order of opening. */
  readonly #peers = new Map<string, Peer>()
  readonly #ringLimit = ringLimit()
  readonly #dialBacks = allowances(DIAL_BACKS_TO_STRANGERS)
  readonly #onTampered = failedCalls(error => void this.tell(errorEvent(error)))
  readonly #unfinished = new Set<Promise<void>>()
  #filesOffered = 0
  #undelivered = 0

  readonly name: string
  readonly policy: AcceptPolicy
  readonly filePolicy: FilePolicy
  readonly blocked: BlockedPeers
  leaving = false
  goneAt = Number.NEGATIVE_INFINITY

  constructor(options: ChatEngineOptions) {
    this.#options = options
    this.name = options.name
    this.policy = options.policy
    this.filePolicy = options.files
    this.blocked = options.blocked
  }

  // What the client asks for

  get open(): readonly string[] {
    return this.#all.filter(peer => peer.isOpen).map(({ name }) => name)
  }

  get calling(): readonly string[] {
    return this.#all.filter(({ call }) => call !== null).map(({ name }) => name)
  }

  get ringing(): readonly RingingCall[] {
    return this.#all.flatMap(({ ringing }) => ringing ?? []).toSorted((one, other) => one.since - other.since)
  }

  get exchanging(): readonly string[] {
    return this.#all.filter(peer => (peer.conversation?.files.open.length ?? 0) > 0).map(({ name }) => name)
  }

  get undelivered(): number {
    const waiting = this.#all.map(peer => peer.conversation?.outbox.unacknowledged ?? 0)
    return waiting.reduce((sum, count) => sum + count, this.#undelivered)
  }

  isInterrupted(peer: string): boolean {
    return this.#peers.get(peer)?.state === 'interrupted/resuming'
  }

  learnt(peer: string): Learnt | null {
    return this.#peers.get(peer)?.conversation?.learnt ?? null
  }

  files(peer: string): FileTransfers | null {
    return this.#peers.get(peer)?.conversation?.files ?? null
  }

  async call(peer: string, patience?: number): Promise<boolean> {
    if (peer === this.name) throw new ChatError('self-call', 'this is your own name')
    const theirs = this.ringing.find(call => call.peer === peer)
    if (theirs === undefined) return this.named(peer).place(patience)
    await theirs.accept()
    return this.named(peer).isOpen
  }

  async block(peer: string): Promise<string | null> {
    const named =
      this.#peers.get(peer)?.learnt ?? this.#all.find(one => one.name === peer && one.learnt !== null)?.learnt
    let key = named?.fingerprint ?? null
    try {
      key = await this.blocked.block(peer, key)
    } finally {
      const meant = this.#all.filter(one => one.name === peer || one.hasKey(key))
      await Promise.all(meant.map(one => one.hangUp()))
    }
    return key
  }

  async say(peer: string, text: string): Promise<void> {
    await this.#present(peer).say(text)
  }

  async settled(peer: string): Promise<void> {
    const conversation = this.#peers.get(peer)?.conversation
    await conversation?.settled()
    await conversation?.files.settled()
  }

  async leave(peer: string): Promise<void> {
    await this.#present(peer).leave()
  }

  async leaveAll(): Promise<void> {
    this.leaving = true
    await Promise.all(this.#all.map(peer => peer.leaveAll()))
    await Promise.all(this.#unfinished)
  }

  abandon(): void {
    const silent = new ChatError('timeout', 'no goodbye came back')
    for (const peer of this.#all) peer.end(silent)
  }

  take(connection: Connection): void {
    this.peerOf(connection.learnt).hold(connection, null)
  }

  get #all(): readonly Peer[] {
    return [...this.#peers.values()]
  }

  /** A peer with whom there is something to say goodbye to, be it our call. */
  #present(name: string): Peer {
    const peer = this.#peers.get(name)
    if (peer === undefined || (peer.conversation === null && peer.call === null)) throw notOpen(name, this)
    return peer
  }

  // What concerns all peers

  async reach(peer: string, signal: AbortSignal): Promise<Connection> {
    if (this.leaving) throw new ChatError('closed', 'the call was given up')
    const { locate, upgrade, tap } = this.#options
    return establish(await dial(await locate(peer, signal)), { role: 'initiator', upgrade, expected: peer, tap })
  }

  emit(event: ChatEvent): Promise<void> {
    return this.#options.emit(event)
  }

  async tell(event: ChatEvent): Promise<void> {
    try {
      await this.#options.emit(event)
    } catch (thrown) {
      // An output that is gone ends the whole client, not this conversation.
      contain(thrown)
    }
  }

  named(name: string): Peer {
    return this.#peers.get(name) ?? new Peer({ id: name, name }, this)
  }

  peerOf({ peer: name, identity, fingerprint }: Learnt): Peer {
    const named = this.named(name)
    if (identity !== 'new' || fingerprint === null || fingerprint === named.key) return named
    const id = `${name} ${fingerprint}`
    return this.#peers.get(id) ?? new Peer({ id, name }, this)
  }

  keep(peer: Peer): void {
    if (!this.#peers.has(peer.id)) this.#peers.set(peer.id, peer)
  }

  forget(peer: Peer): void {
    if (this.#peers.get(peer.id) === peer) this.#peers.delete(peer.id)
  }

  opened(peer: Peer): void {
    this.#peers.delete(peer.id)
    this.#peers.set(peer.id, peer)
    for (const other of this.#all) if (other.name === peer.name) other.silence()
  }

  isRinging(name: string): boolean {
    return this.#all.some(peer => peer.name === name && peer.isRinging)
  }

  mayRing(caller: Learnt): boolean {
    const ringing = this.#all.filter(peer => peer.isRinging)
    return this.#ringLimit(
      caller,
      ringing.flatMap(({ learnt }) => learnt ?? []),
    )
  }

  mayDialBack(): boolean {
    return this.#dialBacks.take('')
  }

  nextFileNumber(): number {
    this.#filesOffered += 1
    return this.#filesOffered
  }

  noteGone(): void {
    this.goneAt = performance.now()
  }

  noteUndelivered(count: number): void {
    this.#undelivered += count
  }

  noteUnfinished(work: Promise<void>): void {
    this.#unfinished.add(work)
    void work.finally(() => this.#unfinished.delete(work))
  }

  noteTampering(error: ChatError, peer: string): void {
    this.#onTampered(error, peer)
  }
}
