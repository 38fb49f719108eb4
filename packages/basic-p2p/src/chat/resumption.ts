import { contain } from '@p2p-secure-chat/core/contain'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'
import type { Conversation } from './conversation.ts'
import type { Connection } from './establish.ts'
import type { PeerContext } from './peer-context.ts'
import type { PeerEvent, PeerState } from './peer-states.ts'
import { isStranger } from './ring-limit.ts'
import { BREACHES, type Session } from './session.ts'
import type { AcceptMessage, CallMessage } from '../messages/conversation.ts'

/** What a peer says that knows the conversation no more, or wants no more of it. */
const ANSWERS_NO: ReadonlySet<ErrorCode> = new Set(['declined', 'busy', 'no-conversation'])

/** With whom a conversation may be interrupted. */
export interface Partner {
  readonly name: string
  readonly state: PeerState
  readonly conversation: Conversation | null
  isTalkingTo(learnt: Learnt): boolean
  /** The state follows. */
  on(event: PeerEvent): void
  /** Holds a connection. @param placed what we call for */
  hold(connection: Connection, placed: CallMessage): Session
  /** The conversation is over. */
  end(error: ChatError): void
}

/** How an interrupted conversation gets another connection: we call and ask to go on with it, or the peer does. */
export class Resumption {
  readonly #partner: Partner
  readonly #context: PeerContext

  constructor(partner: Partner, context: PeerContext) {
    this.#partner = partner
    this.#context = context
  }

  /**
   * Tries to reach the peer. Only in this way does the side that was called learn whether the conversation is still going
   * on: the caller answers `crossed`, and calls.
   *
   * @returns whether it may go on; the caller's call may still be on its way
   * @throws {ChatError} why the peer was not reached
   */
  async attempt(conversation: Conversation): Promise<boolean> {
    const { learnt, placed } = conversation
    if (!placed && isStranger(learnt) && !this.#context.mayDialBack()) {
      throw new ChatError('too-many', 'too many connections of strangers have broken')
    }
    const partner = this.#partner
    const connection = await this.#context.reach(partner.name, conversation.signal)
    if (!this.#isInterrupted(conversation)) {
      void conclude(connection.channel, null)
      return true
    }
    if (connection.learnt.fingerprint !== learnt.fingerprint) {
      void conclude(connection.channel, null)
      throw new ChatError('wrong-peer', `somebody else answers in the name of ${partner.name}`)
    }
    try {
      await partner.hold(connection, conversation.resumption).whenOpen
      return true
    } catch (thrown) {
      const error = contain(thrown)
      if (ANSWERS_NO.has(error.code)) return false
      if (!BREACHES.has(error.code) || !this.#isInterrupted(conversation)) throw error
      // They have the key, and break the rules: there is nothing to go on with.
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
      throw new ChatError('bad-message', 'the peer goes on with another conversation')
    }
    this.#carryOn(conversation, session, received)
  }

  /** Answers a call of the peer that asks to go on with a conversation. */
  async consider(session: Session, message: CallMessage): Promise<void> {
    const { conversation } = this.#partner
    const isTheirs = this.#partner.isTalkingTo(session.learnt)
    if (conversation === null || !isTheirs || !conversation.isResumedBy(message)) {
      return session.decline('no-conversation')
    }
    // Here it may not be noticed yet that the connection broke.
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
    this.#carryOn(conversation, session, message.resume?.received)
  }

  #carryOn(conversation: Conversation, session: Session, received: bigint | undefined): void {
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
