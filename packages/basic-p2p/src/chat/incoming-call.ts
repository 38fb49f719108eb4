import { contain, contained } from '@p2p-secure-chat/core/contain'
import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import { decide } from './call-policy.ts'
import type { OutgoingCall } from './outgoing-call.ts'
import type { PeerContext } from './peer-context.ts'
import { crossing, type PeerEvent, type PeerState, step } from './peer-states.ts'
import type { Session } from './session.ts'
import type { CallMessage } from '../messages/conversation.ts'

/** The side that calls. A stranger stays apart from the person of that name until our user accepts the call. */
export interface Caller {
  readonly name: string
  readonly state: PeerState
  /** Whether there is a conversation, with or without a connection. */
  readonly isOpen: boolean
  /** Settles when the last conversation has ended completely; null where nothing is left of it. */
  readonly ending: Promise<void> | null
  /** Our own call to them. */
  readonly call: OutgoingCall | null
  hasConversationWith(security: PeerSecurity): boolean
  /** Moves the state. */
  on(event: PeerEvent): void
  /** The call rings, or rings no more. */
  ring(call: IncomingCall | null): void
  /** The connection belongs to them from now on, or to somebody else. */
  adopt(session: Session): void
  release(session: Session): void
  /** Accepts a call. @param theirs the caller's id of the conversation */
  accept(session: Session, theirs: string): void
  /** Answers a call that asks to resume a conversation. */
  considerResumption(session: Session, message: CallMessage): Promise<void>
  leave(): Promise<void>
}

/** Finds the callers of one user. */
export interface Callers {
  /** The caller with that identity. */
  peerOf(security: PeerSecurity): Caller
  /** The caller to whom the name belongs. */
  named(name: string): Caller
  /** Whether a call in that name is ringing. */
  isRinging(name: string): boolean
}

/** One call of somebody; a later call in the same name is a different one. */
export class IncomingCall {
  readonly session: Session
  readonly #message: CallMessage
  readonly #context: PeerContext & Callers
  #caller: Caller
  /** When our user heard of it, on the clock of `performance`. */
  #since = Number.POSITIVE_INFINITY

  constructor(session: Session, message: CallMessage, caller: Caller, context: PeerContext & Callers) {
    this.session = session
    this.#message = message
    this.#caller = caller
    this.#context = context
  }

  get peer(): string {
    return this.#caller.name
  }

  get since(): number {
    return this.#since
  }

  /** Whether it waits for our user's answer. */
  get waits(): boolean {
    return this.session.state === 'ringing' && this.#since < Number.POSITIVE_INFINITY
  }

  /** Accepts it. @throws {ChatError} `no-conversation` when it no longer waits; why the key cannot be remembered */
  async accept(): Promise<void> {
    this.#requireWaiting()
    // Only our user's own word pins the key of somebody who called us.
    await this.session.security.remember()
    this.#requireWaiting()
    this.#acceptNow()
  }

  /** @throws {ChatError} `no-conversation` when it no longer waits */
  decline(): void {
    this.#requireWaiting()
    this.session.decline('declined')
  }

  #requireWaiting(): void {
    if (this.waits) return
    const hint = `to call back: /chat ${this.peer}`
    throw new ChatError('no-conversation', `that call of ${this.peer} is over`, { hint })
  }

  /** Decides whether it rings, opens or is declined. A blocked caller sees the same as any other caller who is declined. */
  async receive(): Promise<void> {
    const { session } = this
    try {
      if (!(await this.#isBlocked(session.security))) return await this.#consider()
    } catch (thrown) {
      contain(thrown)
    }
    if (session.state === 'ringing') session.decline('declined')
  }

  /** If the list cannot be read, the people on it must not get in. */
  async #isBlocked(security: PeerSecurity): Promise<boolean> {
    try {
      return await this.#context.blocked.blocks(security.peer, security.fingerprint)
    } catch (thrown) {
      const error = contain(thrown)
      if (error.code !== 'internal' && this.#context.mayRing(security)) void this.#context.tell(errorEvent(error))
      return true
    }
  }

  async #consider(): Promise<void> {
    const { session } = this
    const { security } = session
    if (session.state !== 'ringing') return
    if (this.#context.leaving) return session.decline('declined')
    this.#assignTo(this.#context.peerOf(security))
    if (this.#message.resume !== undefined) return this.#caller.considerResumption(session, this.#message)
    const { name } = this.#caller
    const named = this.#context.named(name)
    // A caller who starts a new conversation has given up the interrupted one.
    if (named.state === 'interrupted/resuming' && named.hasConversationWith(security)) contained(named.leave())
    if (named.ending !== null) {
      // The last conversation ends completely before the next one begins.
      await named.ending
      return this.#consider()
    }
    return this.#answer(named)
  }

  /** Answers it when nothing is left of an earlier conversation. */
  #answer(named: Caller): Promise<void> | void {
    if (named.name === this.#context.name || this.#context.isRinging(named.name)) return this.session.decline('busy')
    if (named.call !== null) return this.#cross(named, named.call)
    if (step(named.state, 'called').say === 'DECLINE busy') return this.session.decline('busy')
    this.#ring()
  }

  /** The call may turn out to be from somebody else than it seemed. */
  #assignTo(caller: Caller): void {
    if (caller === this.#caller) return
    this.#caller.release(this.session)
    caller.adopt(this.session)
    this.#caller = caller
  }

  /** We are calling that name ourselves. @param named the person we are calling */
  async #cross(named: Caller, ours: OutgoingCall): Promise<void> {
    const { session } = this
    const { identity, fingerprint, precedes } = session.security
    const isCallee = identity !== 'new' || fingerprint === ours.fingerprint
    switch (crossing(named.state, { isCallee, wePrecede: precedes })) {
      case 'wait':
        return (await ours.watch()) ? this.#consider() : session.decline('busy')
      case 'ours':
        named.on('prevails')
        return session.decline('crossed')
      case 'theirs':
        named.on('yields')
        await session.security.remember()
        if (named.state === 'none/yielded') return named.accept(session, this.#message.conversation)
        // Our call has ended meanwhile, so theirs is a call like any other.
        return this.#consider()
      case 'apart':
        return this.#ring()
    }
  }

  #ring(): void {
    const { security } = this.session
    const decision = decide(this.#context.policy, security)
    if (decision === 'decline') return this.session.decline('declined')
    if (decision === 'ask' && !this.#context.mayRing(security)) return this.session.decline('busy')
    this.#caller.on('called')
    this.#caller.ring(this)
    this.#since = performance.now()
    void this.#context.tell({ event: 'call', peer: this.peer, direction: 'incoming', asks: decision === 'ask' })
    if (decision === 'accept') this.#acceptNow()
  }

  #acceptNow(): void {
    const named = this.#context.named(this.peer)
    this.#caller.ring(null)
    if (named !== this.#caller) this.#caller.on('silent')
    this.#assignTo(named)
    named.accept(this.session, this.#message.conversation)
  }
}
