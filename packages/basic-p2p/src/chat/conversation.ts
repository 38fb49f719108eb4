import { randomBytes, type RandomSource } from '@p2p-secure-chat/core/cipher/random-pool'
import type { ChatError } from '@p2p-secure-chat/core/errors'
import { rateLimits, type Rate } from '@p2p-secure-chat/core/limits/rate-limits'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import { type FileTransfers, fileTransfers } from '../files/file-transfers.ts'
import type { Reconnect } from './reconnect.ts'
import { nameText, Outbox, type OutboxEvents } from './outbox.ts'
import type { Session } from './session.ts'
import { type AcceptMessage, type CallMessage, RECEIPT, TEXT } from '../messages/conversation.ts'
import { deferred } from '@p2p-secure-chat/core/deferred'
import { partialKey } from '../files/partial-name.ts'
import type { PeerContext } from './peer-context.ts'

/** Bytes of an id: enough that nobody draws the same one again. */
const ID_BYTES = 16

/**
 * How long a peer that keeps reconnecting may acknowledge nothing before we stop waiting for it, in milliseconds:
 * longer than one interruption and one silence after it.
 */
const RETURN_PATIENCE = 180_000

/**
 * How often its connection may break: more often than in any real network, and too seldom for a peer to keep our
 * processor busy with handshakes and to fill our screen with lines about them.
 */
export const BREAKS: Rate = { burst: 30, interval: 5_000 }

/** Our id of a new conversation: 32 random hex digits. */
export function conversationId(random: RandomSource = randomBytes): string {
  return Buffer.from(random(ID_BYTES)).toString('hex')
}

/** Whether texts of two conversations would have the same names: the peer's must not be taken for ours. */
export function sharesNames(one: string, other: string): boolean {
  return nameText(one, 0n) === nameText(other, 0n)
}

/** The ids that both sides gave to one conversation, 32 hex digits each. */
export interface ConversationIds {
  readonly ours: string
  readonly theirs: string
}

export interface ConversationParts {
  readonly ids: ConversationIds
  /** What its first connection taught us; all others must prove the same key. */
  readonly security: PeerSecurity
  /** Whether we placed the call. Only that side resumes it, or there would be two connections. */
  readonly placed: boolean
  readonly files: FileTransfers
  readonly events: OutboxEvents
}

/** What two people say to each other, from its opening to its end, over one connection after the other. */
export class Conversation {
  readonly ids: ConversationIds
  readonly security: PeerSecurity
  readonly placed: boolean
  readonly files: FileTransfers
  readonly outbox: Outbox
  /** Settles when it is over. */
  readonly over: Promise<void>
  readonly #over = deferred()
  readonly #abort = new AbortController()
  #isOver = false
  /** The connection that carries it, or the last one that did. */
  #session: Session | null = null
  /** Set while there is no connection. */
  #reconnect: Reconnect | null = null
  readonly #breaks = rateLimits(BREAKS)

  constructor({ ids, security, placed, files, events }: ConversationParts) {
    this.ids = ids
    this.security = security
    this.placed = placed
    this.files = files
    this.outbox = new Outbox(ids.ours, ids.theirs, events)
    this.over = this.#over.promise
  }

  /** Aborts when it is over. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  isCarriedBy(session: Session): boolean {
    return !this.#isOver && this.#session === session
  }

  /** Whether its connection may break once more; counts the break. */
  mayBreak(): boolean {
    return this.#breaks.take('')
  }

  /** The call that asks the peer to resume it. */
  get resumption(): CallMessage {
    const { ours, theirs } = this.ids
    return { conversation: ours, resume: { conversation: theirs, received: this.outbox.report() } }
  }

  /** The answer to such a call of the peer. */
  get goingOn(): AcceptMessage {
    return { conversation: this.ids.ours, received: this.outbox.report() }
  }

  /** Whether a call asks to resume this conversation, and claims no texts that the peer cannot have. */
  isResumedBy({ conversation, resume }: CallMessage): boolean {
    const { ours, theirs } = this.ids
    if (resume === undefined || resume.conversation !== ours || conversation !== theirs) return false
    return this.outbox.canHave(resume.received)
  }

  /**
   * Continues over that connection.
   *
   * @param received the latest text of ours that the peer has
   * @throws {ChatError} `bad-message` when the peer cannot have it; then nothing has changed
   */
  connect(session: Session, received?: bigint): void {
    this.outbox.connect(session, received)
    this.#reconnect?.end()
    this.#reconnect = null
    this.#session = session
  }

  /** Sends what is kept over its connection. */
  flow(): void {
    const session = this.#session
    if (session === null) return
    this.files.connect(message => session.send(message))
    this.outbox.pass()
  }

  /** Its connection is gone. @param interruption the search for a new one */
  disconnect(reconnect: Reconnect): void {
    this.#reconnect = reconnect
    this.outbox.disconnect()
    this.files.disconnect()
  }

  /** Makes the next attempt to reconnect at once. */
  hurry(): void {
    this.#reconnect?.hurry()
  }

  /** Handles a message of the peer; settles when the next one may come. @throws {ChatError} what is wrong with it */
  take(message: Message): Promise<void> | void {
    const isText = message.type === TEXT.type || message.type === RECEIPT.type
    return isText ? this.outbox.take(message) : this.files.take(message)
  }

  /** Waits until the peer has acknowledged everything or no receipt has come for long, or until it is over. */
  async settled(): Promise<void> {
    let { acknowledged } = this.outbox
    let since = performance.now()
    while (!this.#isOver) {
      if (this.#reconnect !== null) {
        await this.#reconnect.over
        continue
      }
      const carrier = this.#session
      await this.outbox.settled()
      // A connection that is still up has delivered everything, or has brought no receipt for long.
      if (carrier === this.#session && this.#reconnect === null) return
      const now = performance.now()
      if (this.outbox.acknowledged > acknowledged) [acknowledged, since] = [this.outbox.acknowledged, now]
      else if (now - since >= RETURN_PATIENCE) return
    }
  }

  /** Why its connection is gone; null while it has one. */
  get lost(): ChatError | null {
    return this.#reconnect?.lost ?? null
  }

  /** Gives its connection up as broken, and settles when that is over. */
  async lose(): Promise<void> {
    if (this.#reconnect === null) await this.#session?.lose()
  }

  /** Says goodbye on its connection. */
  async leave(): Promise<void> {
    const stopped = this.files.leave()
    await this.#session?.leave()
    await stopped
  }

  /** It is over: nothing is sent any more. */
  end(): void {
    this.#isOver = true
    this.#abort.abort()
    this.#reconnect?.end()
    this.#reconnect = null
    this.outbox.end()
    this.#over.resolve()
  }
}

/**
 * Begins a conversation with a peer, and reports its texts and files to our user.
 *
 * @param peer the peer's name
 */
export function converse(
  peer: string,
  what: Pick<ConversationParts, 'ids' | 'security' | 'placed'>,
  context: PeerContext,
): Conversation {
  const { fingerprint, integrity, protocol } = what.security
  const files = fileTransfers({
    policy: context.filePolicy,
    nextNumber: () => context.nextFileNumber(),
    partialKey: fingerprint === null ? null : partialKey({ protocol, receiver: context.name, fingerprint }),
    tell: update => {
      if (update.state === 'done' || update.state === 'failed') context.noteGone()
      return context.tell({ event: 'file', peer, integrity, ...update })
    },
  })
  const events: OutboxEvents = {
    text: (id, text) => context.emit({ event: 'message', peer, direction: 'in', id, text }),
    delivered: id => void context.tell({ event: 'delivered', peer, id }),
  }
  return new Conversation({ ...what, files, events })
}
