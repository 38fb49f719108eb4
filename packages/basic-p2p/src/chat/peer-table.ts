import { contain } from '@p2p-secure-chat/core/contain'
import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { rateLimits } from '@p2p-secure-chat/core/limits/rate-limits'
import { dial } from '@p2p-secure-chat/core/net/dial'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import type { FilePolicy } from '../files/file-transfers.ts'
import type { BlockedPeers } from './blocked-peers.ts'
import { type AcceptPolicy, DIAL_BACKS_TO_STRANGERS, ringLimit } from './call-policy.ts'
import type { ChatEvent } from './chat-event.ts'
import { type PeerConnection, establish } from './establish.ts'
import { failedCalls } from './failed-calls.ts'
import { Peer, type Peers } from './peer.ts'
import type { ChatEngineOptions } from './peer-context.ts'

/** The peers of one user, found by name and key, and what concerns them all. */
export class PeerTable implements Peers {
  readonly name: string
  readonly policy: AcceptPolicy
  readonly filePolicy: FilePolicy
  readonly blocked: BlockedPeers
  leaving = false
  /** When a call stopped ringing or a file was over last, on the clock of `performance`. */
  goneAt = Number.NEGATIVE_INFINITY
  /** Texts of conversations that are over, which were never acknowledged. */
  undelivered = 0
  readonly #options: ChatEngineOptions
  /**
   * By name; a stranger whose call was not accepted yet, by name and key. Open conversations in the order of opening.
   */
  readonly #peers = new Map<string, Peer>()
  readonly #ringLimit = ringLimit()
  readonly #dialBacks = rateLimits(DIAL_BACKS_TO_STRANGERS)
  readonly #onTampered = failedCalls(error => void this.tell(errorEvent(error)))
  readonly #unfinished = new Set<Promise<void>>()
  #filesOffered = 0

  constructor(options: ChatEngineOptions) {
    this.#options = options
    this.name = options.name
    this.policy = options.policy
    this.filePolicy = options.files
    this.blocked = options.blocked
  }

  get all(): readonly Peer[] {
    return [...this.#peers.values()]
  }

  /** The peer to whom the name belongs, if there is anything between us. */
  find(name: string): Peer | undefined {
    return this.#peers.get(name)
  }

  named(name: string): Peer {
    return this.find(name) ?? new Peer({ id: name, name }, this)
  }

  peerOf({ peer: name, identity, fingerprint }: PeerSecurity): Peer {
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
    for (const other of this.all) if (other.name === peer.name) other.calls.silence()
  }

  isRinging(name: string): boolean {
    return this.all.some(peer => peer.name === name && peer.calls.theirs !== null)
  }

  mayRing(caller: PeerSecurity): boolean {
    const ringing = this.all.filter(peer => peer.calls.theirs !== null)
    return this.#ringLimit(
      caller,
      ringing.flatMap(({ security }) => security ?? []),
    )
  }

  mayDialBack(): boolean {
    return this.#dialBacks.take('')
  }

  async reach(peer: string, signal: AbortSignal): Promise<PeerConnection> {
    if (this.leaving) throw new ChatError('closed', 'the call was given up')
    const { locate, upgrade, tap } = this.#options
    return establish(await dial(await locate(peer, signal)), { role: 'initiator', upgrade, expected: peer, tap })
  }

  emit(event: ChatEvent): Promise<void> {
    return this.#options.emit(event)
  }

  async tell(event: ChatEvent): Promise<void> {
    try {
      await this.emit(event)
    } catch (thrown) {
      // An output that is gone ends the whole client, not this conversation.
      contain(thrown)
    }
  }

  nextFileNumber(): number {
    this.#filesOffered += 1
    return this.#filesOffered
  }

  noteGone(): void {
    this.goneAt = performance.now()
  }

  noteUndelivered(count: number): void {
    this.undelivered += count
  }

  noteUnfinished(work: Promise<void>): void {
    this.#unfinished.add(work)
    void work.finally(() => this.#unfinished.delete(work))
  }

  /** Settles when all noted work is done. */
  async finished(): Promise<void> {
    await Promise.all(this.#unfinished)
  }

  noteTampering(error: ChatError, peer: string): void {
    this.#onTampered(error, peer)
  }
}
