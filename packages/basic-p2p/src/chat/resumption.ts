import { contain } from '@p2p-secure-chat/core/contain'
import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import type { Conversation } from './conversation.ts'
import type { PeerConnection } from './establish.ts'
import { reconnect } from './reconnect.ts'
import type { PeerContext } from './peer-context.ts'
import type { PeerEvent, PeerState } from './peer-states.ts'
import { isStranger } from './call-policy.ts'
import { BREACHES, type Session } from './session.ts'
import type { AcceptMessage, CallMessage } from '../messages/conversation.ts'

/** Answers of a peer that does not know the conversation any more, or does not want to resume it. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['declined', 'busy', 'no-conversation'])

/**
 * How long the caller of an interrupted conversation has, in milliseconds, before the callee starts looking for them.
 */
const CALLER_HEAD_START = 500

/** The person with whom a conversation may be interrupted. */
export interface Partner {
  readonly name: string
  readonly state: PeerState
  readonly conversation: Conversation | null
  hasConversationWith(security: PeerSecurity): boolean
  /** Moves the state. */
  on(event: PeerEvent): void
  /** Begins a session on a connection. @param placed our call */
  hold(connection: PeerConnection, placed: CallMessage): Session
  /** The conversation is over. */
  end(error: ChatError): void
}

/** How an interrupted conversation gets a new connection: we call and ask to resume it, or the peer does. */
export class Resumption {
  readonly #partner: Partner
  readonly #context: PeerContext

  constructor(partner: Partner, context: PeerContext) {
    this.#partner = partner
    this.#context = context
  }

  /** The connection of a conversation is lost. @param error why */
  begin(conversation: Conversation, error: ChatError): void {
    const partner = this.#partner
    if (!conversation.mayBreak()) {
      return partner.end(new ChatError('too-many', 'the connection keeps breaking'))
    }
    partner.on('lost')
    const attempts = reconnect(error, {
      headStart: conversation.placed ? 0 : CALLER_HEAD_START,
      attempt: () => this.#attempt(conversation),
      onGivenUp: why => partner.end(why),
    })
    conversation.disconnect(attempts)
    // Only now: a listener may ask at once whether it is interrupted.
    void this.#context.tell({ ...errorEvent(error), event: 'interrupted', peer: partner.name })
  }

  /**
   * Tries to reach the peer. For the side that was called this is the only way to learn whether the conversation still
   * exists: the caller answers `crossed`, and calls.
   *
   * @returns whether it may be resumed; the caller's call may still be on its way
   * @throws {ChatError} why the peer was not reached
   */
  async #attempt(conversation: Conversation): Promise<boolean> {
    const { security, placed } = conversation
    if (!placed && isStranger(security) && !this.#context.mayDialBack()) {
      throw new ChatError('too-many', 'too many connections of strangers have broken')
    }
    const partner = this.#partner
    const connection = await this.#context.reach(partner.name, conversation.signal)
    if (!this.#isInterrupted(conversation)) {
      void conclude(connection.channel, null)
      return true
    }
    if (connection.security.fingerprint !== security.fingerprint) {
      void conclude(connection.channel, null)
      throw new ChatError('wrong-peer', `somebody else answered in the name of ${partner.name}`)
    }
    try {
      await partner.hold(connection, conversation.resumption).whenOpen
      return true
    } catch (thrown) {
      const error = contain(thrown)
      if (REFUSALS.has(error.code)) return false
      if (!BREACHES.has(error.code) || !this.#isInterrupted(conversation)) throw error
      // They have the key, and break the rules: there is nothing to resume.
      partner.end(error)
      return true
    }
  }

  /** The peer has answered our call. @throws {ChatError} `bad-message` for an answer about something else */
  accepted(session: Session, { conversation: theirs, received }: AcceptMessage): void {
    const { conversation } = this.#partner
    const isMeant = conversation?.ids.ours === session.placed?.conversation
    if (conversation === null || !isMeant || !this.#isInterrupted(conversation)) return void session.hangUp()
    if (theirs !== conversation.ids.theirs || received === undefined) {
      throw new ChatError('bad-message', 'the peer resumes another conversation')
    }
    this.#resume(conversation, session, received)
  }

  /** Answers a call of the peer that asks to resume a conversation. */
  async consider(session: Session, message: CallMessage): Promise<void> {
    const { conversation } = this.#partner
    const isTheirs = this.#partner.hasConversationWith(session.security)
    if (conversation === null || !isTheirs || !conversation.isResumedBy(message)) {
      return session.decline('no-conversation')
    }
    // This side may not have noticed yet that the connection broke.
    await conversation.lose()
    if (session.state !== 'ringing') return
    if (!this.#isInterrupted(conversation) || !conversation.isResumedBy(message)) {
      return session.decline('no-conversation')
    }
    if (conversation.placed) {
      session.decline('crossed')
      return conversation.hurry()
    }
    session.accept(conversation.goingOn)
    this.#resume(conversation, session, message.resume?.received)
  }

  #resume(conversation: Conversation, session: Session, received: bigint | undefined): void {
    conversation.connect(session, received)
    this.#partner.on('resumed')
    const { unacknowledged: resent } = conversation.outbox
    void this.#context.tell({ event: 'resumed', peer: this.#partner.name, resent })
    conversation.flow()
  }

  #isInterrupted(conversation: Conversation): boolean {
    return this.#partner.conversation === conversation && this.#partner.state === 'interrupted/resuming'
  }
}
