import type { ChatError } from '@p2p-secure-chat/core/errors'
import { type ClosedEvent, closedEvent } from './chat-event.ts'
import type { IncomingCall } from './incoming-call.ts'
import { type CalledPeer, OutgoingCall } from './outgoing-call.ts'
import type { PeerContext } from './peer-context.ts'
import type { Session } from './session.ts'

/** The person with whom the calls are. */
export interface CallPartner extends CalledPeer {
  /** There is something between us and them. */
  keep(): void
  /** Forgets them if there is nothing between us and them any more. */
  forgetIfIdle(): void
}

/**
 * The calls that may lead to a conversation with one person: ours until its outcome is known, theirs while it rings.
 */
export class Calls {
  readonly #partner: CallPartner
  readonly #context: PeerContext
  #ours: OutgoingCall | null = null
  #theirs: IncomingCall | null = null

  constructor(partner: CallPartner, context: PeerContext) {
    this.#partner = partner
    this.#context = context
  }

  get ours(): OutgoingCall | null {
    return this.#ours
  }

  /** From the moment it rings until its connection is over. */
  get theirs(): IncomingCall | null {
    return this.#theirs
  }

  /** Calls them, or joins the call that is under way. @returns whether a conversation is open afterwards */
  place(patience: number | undefined): Promise<boolean> {
    if (this.#ours === null) {
      // Their call rang until now, and does not wait for an answer any more.
      this.#stopRinging()
      this.#partner.on('call')
      this.#partner.keep()
      this.#ours = new OutgoingCall(this.#partner, this.#context, patience)
    }
    return this.#ours.outcome
  }

  /** Our call has led nowhere. */
  failed(error: ChatError): void {
    this.#endOurs(closedEvent(this.#partner.name, error))
  }

  /** Hangs up our call, if there is one. */
  hangUp(): void {
    if (this.#ours === null) return
    this.#ours.hangUp()
    this.#endOurs(closedEvent(this.#partner.name, null, 'you hung up'))
  }

  /** A conversation is open, whichever side called. */
  opened(): void {
    this.#ours?.opened()
    this.#ours = null
  }

  /** Their call rings, or rings no more. */
  ring(call: IncomingCall | null): void {
    this.#theirs = call
  }

  /** A connection is over before its call was answered. @returns whether that call was ringing */
  ended(session: Session, error: ChatError | null): boolean {
    if (this.#theirs?.session !== session) return false
    this.#theirs = null
    this.#stopRinging()
    this.#context.noteGone()
    void this.#context.tell(closedEvent(this.#partner.name, error, 'the caller hung up'))
    return true
  }

  /** Stops their call from ringing: a conversation with somebody of that name is open. */
  silence(): void {
    const ringing = this.#theirs
    if (ringing === null) return
    this.#theirs = null
    this.#stopRinging()
    if (ringing.session.state === 'ringing') ringing.session.decline('busy')
  }

  #stopRinging(): void {
    if (this.#partner.state === 'none/ringing') this.#partner.on('silent')
  }

  #endOurs(event: ClosedEvent): void {
    this.#ours = null
    this.#partner.on('failed')
    void this.#context.tell(event)
    this.#partner.forgetIfIdle()
  }
}
