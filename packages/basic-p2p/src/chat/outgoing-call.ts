import { contain, ignorable } from '@p2p-secure-chat/core/contain'
import { deferred } from '@p2p-secure-chat/core/deferred'
import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { retryWhileFull } from '@p2p-secure-chat/core/net/retry'
import { conversationId } from './conversation.ts'
import type { PeerConnection } from './establish.ts'
import type { PeerContext } from './peer-context.ts'
import type { PeerEvent, PeerState } from './peer-states.ts'
import type { Session } from './session.ts'
import type { CallMessage } from '../messages/conversation.ts'

/** How long the peer's call may take to arrive after both sides called at once, in milliseconds. */
const CROSSED_DEADLINE = 10_000

/** The connection on which a call of ours was placed. */
export type PlacedCall = Pick<Session, 'whenOpen' | 'hangUp'>

/** The part of the context that a call needs. */
export type Placing = Pick<PeerContext, 'blocked' | 'reach' | 'tell'>

/** The person we call. */
export interface CalledPeer {
  readonly name: string
  readonly state: PeerState
  /** Settles when the last conversation has ended completely; null where nothing is left of it. */
  readonly ending: Promise<void> | null
  /** Moves the state. */
  on(event: PeerEvent): void
  /** Begins a session on a connection. @param placed our call */
  hold(connection: PeerConnection, placed: CallMessage): PlacedCall
  /** Our call has led nowhere. */
  callFailed(error: ChatError): void
}

/** A call of ours, from its first dial until there is a conversation or we give up. */
export class OutgoingCall {
  /** Whether a conversation is open now, whichever side called. */
  readonly outcome: Promise<boolean>
  /** Of the key that the callee proved on the connection we dialled; null before, and where there are no keys. */
  fingerprint: string | null = null
  /** The latest connection on which it was placed. */
  session: PlacedCall | null = null
  readonly #callee: CalledPeer
  readonly #context: Placing
  #stage: 'under way' | 'open' | 'over' = 'under way'
  /** Settles when a conversation is open, or our user hangs up. */
  readonly #end = deferred()
  readonly #abort = new AbortController()
  /** Settles with the current dial, or has settled with the last one. */
  #dialled: Promise<void> = Promise.resolve()
  /** Whether a stranger in that name waits for that. */
  #isWatched = false

  /**
   * Begins at once.
   *
   * @param patience how long to retry while the peer has no place for it, in milliseconds; see retryWhileFull()
   */
  constructor(callee: CalledPeer, context: Placing, patience: number | undefined) {
    this.#callee = callee
    this.#context = context
    this.outcome = Promise.resolve().then(() => this.#follow(patience))
  }

  /** A conversation is open, whichever side called. */
  opened(): void {
    this.#finish('open')
  }

  /** Our user has given it up. */
  hangUp(): void {
    this.#finish('over')
    void this.session?.hangUp()
  }

  /**
   * Waits for the end of the current dial: until then nobody knows which key answers there.
   *
   * @returns false at once if another stranger waits for it already
   */
  async watch(): Promise<boolean> {
    if (this.#isWatched) return false
    this.#isWatched = true
    await this.#dialled
    this.#isWatched = false
    return true
  }

  #finish(stage: 'open' | 'over'): void {
    this.#stage = stage
    this.#end.resolve()
    this.#abort.abort()
  }

  async #follow(patience: number | undefined): Promise<boolean> {
    const callee = this.#callee
    try {
      // The last conversation ends completely before the next one begins.
      await Promise.race([callee.ending, this.#end.promise])
      // A call that was given up, or gave way, is not retried.
      const onFull = (error: ChatError) => {
        if (!this.#isOurs('none/refused')) return
        void this.#context.tell({ ...errorEvent(error), event: 'retry', peer: callee.name })
      }
      await Promise.race([retryWhileFull(again => this.#place(again), { patience, onFull }), this.#end.promise])
    } catch (thrown) {
      const error = contain(thrown)
      if (error.code === 'crossed') await this.#awaitTheirs()
      if (this.#stage === 'under way') {
        this.#finish('over')
        callee.callFailed(error)
      }
    }
    return this.#stage === 'open'
  }

  /** The call that replaces ours may still be on its way. */
  async #awaitTheirs(): Promise<void> {
    if (this.#stage !== 'under way') return
    if (this.#callee.state === 'none/placed') this.#callee.on('crossed')
    await withDeadline(this.#end.promise, CROSSED_DEADLINE, 'it').catch(() => undefined)
  }

  /** Dials, and places the call. Settles when it is accepted. @throws {ChatError} why it is not */
  async #place(again: boolean): Promise<void> {
    const callee = this.#callee
    if (again && this.#stage === 'under way' && callee.state === 'none/refused') callee.on('redial')
    this.#requireOurs()
    try {
      const connection = await this.#dial(again)
      if (!this.#isOurs('none/dialling')) void conclude(connection.channel, null)
      this.#requireOurs()
      callee.on('reached')
      this.session = callee.hold(connection, { conversation: conversationId() })
      await this.session.whenOpen
    } catch (error) {
      const isFull = error instanceof ChatError && error.code === 'too-many'
      if (isFull && this.#isOurs('none/dialling', 'none/placed')) callee.on('full')
      throw error
    }
  }

  /** Connects to the peer, while strangers who call in that name have to wait. */
  #dial(again: boolean): Promise<PeerConnection> {
    const reached = ignorable(this.#reach(again))
    this.#dialled = reached.then(
      () => undefined,
      () => undefined,
    )
    return reached
  }

  /** Connects, and remembers the key: our user chose to call this person. */
  async #reach(again: boolean): Promise<PeerConnection> {
    const { name } = this.#callee
    const { blocked } = this.#context
    if (await blocked.blocks(name, null)) throw new ChatError('blocked', `you have blocked ${name}: /unblock ${name}`)
    // Our user hears nothing about a call that was given up meanwhile.
    if (this.#stage !== 'under way') throw new ChatError('closed', 'the call was given up')
    if (!again) void this.#context.tell({ event: 'call', peer: name, direction: 'outgoing', asks: false })
    const connection = await this.#context.reach(name, this.#abort.signal)
    try {
      this.fingerprint = connection.security.fingerprint
      if (await blocked.blocks(name, this.fingerprint)) {
        throw new ChatError('blocked', `${name} has a key that you have blocked under another name: /block lists them`)
      }
      await connection.security.remember()
    } catch (error) {
      void conclude(connection.channel, null)
      throw error
    }
    return connection
  }

  #isOurs(...states: readonly PeerState[]): boolean {
    return this.#stage === 'under way' && states.includes(this.#callee.state)
  }

  #requireOurs(): void {
    if (!this.#isOurs('none/dialling')) throw new ChatError('crossed', 'both called at once')
  }
}
