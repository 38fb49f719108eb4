import { contain, contained } from '@p2p-secure-chat/core/contain'
import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import { type CallPartner, Calls } from './calls.ts'
import { closedEvent, openEvent, undeliveredEvent } from './chat-event.ts'
import { type Conversation, type ConversationIds, conversationId, converse, sharesNames } from './conversation.ts'
import type { PeerConnection } from './establish.ts'
import { type Caller, type Callers, IncomingCall } from './incoming-call.ts'
import { unanswered } from './no-conversation.ts'
import type { OutgoingCall } from './outgoing-call.ts'
import type { PeerContext } from './peer-context.ts'
import { type PeerEvent, type PeerState, step } from './peer-states.ts'
import { Resumption, type Partner } from './resumption.ts'
import { Session, type SessionOwner } from './session.ts'
import type { AcceptMessage, CallMessage } from '../messages/conversation.ts'

/** The peers of one user, as each of them knows the others. */
export interface Peers extends PeerContext, Callers {
  /** A conversation with that peer is open now. */
  opened(peer: Peer): void
  /** There is something between us and that peer. */
  keep(peer: Peer): void
  /** There is nothing between us and that peer any more. */
  forget(peer: Peer): void
}

/** Everything between us and one person. Its states and the steps between them are those of peer-states.ts. */
export class Peer implements CallPartner, Caller, Partner, SessionOwner {
  /** Its key in the table: the name; for a stranger whose call was not accepted yet, name and key. */
  readonly id: string
  readonly name: string
  /** Ours and theirs, before there is a conversation. */
  readonly calls: Calls
  readonly #peers: Peers
  #state: PeerState = 'none/none'
  /** From its opening to its end. */
  #conversation: Conversation | null = null
  /** All connections with them that are not over. */
  readonly #sessions = new Set<Session>()
  readonly #resumption: Resumption

  constructor({ id, name }: Pick<Peer, 'id' | 'name'>, peers: Peers) {
    this.id = id
    this.name = name
    this.#peers = peers
    this.calls = new Calls(this, peers)
    this.#resumption = new Resumption(this, peers)
  }

  get state(): PeerState {
    return this.#state
  }

  get conversation(): Conversation | null {
    return this.#conversation
  }

  get call(): OutgoingCall | null {
    return this.calls.ours
  }

  /** Their call that waits for our user's answer. */
  get ringing(): IncomingCall | null {
    return this.calls.theirs?.waits === true ? this.calls.theirs : null
  }

  get isOpen(): boolean {
    return this.#state === 'open/none' || this.#state === 'interrupted/resuming'
  }

  get ending(): Promise<void> | null {
    return this.isOpen ? null : (this.#conversation?.over ?? null)
  }

  /** What is known of them: from the conversation, or from the call that rings. */
  get security(): PeerSecurity | null {
    return this.#conversation?.security ?? this.calls.theirs?.session.security ?? null
  }

  /** The fingerprint of the key that we know to be theirs: from the conversation, or from the answer to our call. */
  get key(): string | null {
    return this.#conversation?.security.fingerprint ?? this.call?.fingerprint ?? null
  }

  /** Whether somebody with that key is on a connection of theirs, or was before it broke. */
  hasKey(fingerprint: string | null): boolean {
    if (fingerprint === null) return false
    return this.key === fingerprint || [...this.#sessions].some(({ security }) => security.fingerprint === fingerprint)
  }

  hasConversationWith({ fingerprint }: PeerSecurity): boolean {
    return fingerprint !== null && fingerprint === this.#conversation?.security.fingerprint
  }

  on(event: PeerEvent): void {
    this.#state = step(this.#state, event).to
  }

  // Connections

  hold(connection: PeerConnection, placed: CallMessage | null): Session {
    const session = new Session(connection, this, placed)
    this.adopt(session)
    return session
  }

  adopt(session: Session): void {
    this.keep()
    this.#sessions.add(session)
    session.owner = this
  }

  release(session: Session): void {
    this.#sessions.delete(session)
    this.forgetIfIdle()
  }

  lost(session: Session, error: ChatError): void {
    this.#sessions.delete(session)
    if (!this.#conversation?.isCarriedBy(session)) return this.forgetIfIdle()
    // Without a key nobody can tell who would reconnect.
    if (this.#peers.leaving || session.security.fingerprint === null) this.end(error)
    else this.#resumption.begin(this.#conversation, error)
  }

  closed(session: Session, error: ChatError | null): void {
    this.#sessions.delete(session)
    if (this.#conversation?.isCarriedBy(session)) return this.end(error)
    if (!this.calls.ended(session, error) && session.placed === null && error?.exitCode === 3) {
      // Our user has not heard of this call yet, but somebody tampers with it.
      this.#peers.noteTampering(error, this.name)
    }
    this.forgetIfIdle()
  }

  keep(): void {
    this.#peers.keep(this)
  }

  forgetIfIdle(): void {
    if (this.#state === 'none/none' && this.#sessions.size === 0) this.#peers.forget(this)
  }

  // Calls

  /**
   * Calls them, or joins the call that is under way.
   *
   * @param patience how long to retry while they have no place for it, in milliseconds
   * @returns whether a conversation is open now, whichever side called
   */
  place(patience?: number): Promise<boolean> {
    return this.isOpen ? Promise.resolve(true) : this.calls.place(patience)
  }

  callFailed(error: ChatError): void {
    this.calls.failed(error)
  }

  called(session: Session, message: CallMessage): void {
    contained(new IncomingCall(session, message, this, this.#peers).receive())
  }

  ring(call: IncomingCall | null): void {
    this.calls.ring(call)
  }

  accept(session: Session, theirs: string): void {
    const ours = conversationId()
    session.accept({ conversation: ours })
    this.on('accept')
    this.#open(session, { ours, theirs }, false)
  }

  opened(session: Session, answer: AcceptMessage): void {
    const { placed } = session
    const theirs = answer.conversation
    if (placed === null) throw new TypeError('only a call of ours can be accepted')
    if (sharesNames(theirs, placed.conversation)) {
      throw new ChatError('bad-message', 'the peer has taken our conversation id')
    }
    if (placed.resume !== undefined) return this.#resumption.accepted(session, answer)
    // It gave way, or our user has no use for it any more.
    if (this.call?.session !== session || this.#state !== 'none/placed') return void session.leave()
    this.on('accepted')
    this.#open(session, { ours: placed.conversation, theirs }, true)
  }

  // The conversation

  #open(session: Session, ids: ConversationIds, placed: boolean): void {
    const { security } = session
    const conversation = converse(this.name, { ids, security, placed }, this.#peers)
    conversation.connect(session)
    this.#conversation = conversation
    this.#peers.opened(this)
    const noted = security.opened().catch(thrown => void this.#peers.tell(errorEvent(contain(thrown))))
    this.#peers.noteUnfinished(noted)
    void this.#peers.tell(openEvent(this.name, security))
    this.calls.opened()
    conversation.flow()
  }

  /**
   * Queues a text for them; settles when there is room for more.
   *
   * @throws {ChatError} `no-conversation`, `too-large`, `too-many`; `undelivered`, once it is over, when it was ending
   */
  async say(text: string): Promise<void> {
    const { name } = this
    const conversation = this.#conversation
    if (conversation === null) throw unanswered(name)
    if (!this.isOpen) {
      await conversation.over
      throw new ChatError('undelivered', `${name} left before the text was sent`)
    }
    const id = conversation.outbox.say(text)
    const told = this.#peers.tell({ event: 'message', peer: name, direction: 'out', id, text })
    await Promise.all([told, conversation.outbox.room()])
  }

  take(session: Session, message: Message): Promise<void> | void {
    // What still arrives on a connection that has lost its conversation matters to nobody.
    if (this.#conversation?.isCarriedBy(session)) return this.#conversation.take(message)
  }

  handedOver(session: Session): Promise<void> {
    return this.#conversation?.isCarriedBy(session) ? this.#conversation.outbox.handedOver() : Promise.resolve()
  }

  finish(session: Session): Promise<void> {
    return this.#conversation?.isCarriedBy(session) ? this.#conversation.outbox.finish() : Promise.resolve()
  }

  saidGoodbye(session: Session): void {
    if (this.#conversation?.isCarriedBy(session)) this.#part()
  }

  #part(): void {
    if (this.#state === 'open/none') this.on('parting')
  }

  considerResumption(session: Session, message: CallMessage): Promise<void> {
    return this.#resumption.consider(session, message)
  }

  /** The conversation is over. Null after both goodbyes. */
  end(error: ChatError | null): void {
    const conversation = this.#conversation
    if (conversation === null) return
    this.#conversation = null
    this.on('over')
    this.#peers.noteUnfinished(conversation.files.end(error).catch(thrown => void contain(thrown)))
    void this.#peers.tell(closedEvent(this.name, error))
    const { outbox } = conversation
    this.#peers.noteUndelivered(outbox.unacknowledged)
    if (outbox.unacknowledged > 0) void this.#peers.tell(undeliveredEvent(this.name, outbox))
    conversation.end()
    this.forgetIfIdle()
  }

  // The end

  /** Hangs up our call, or says goodbye, and settles when the conversation is over. */
  async leave(): Promise<void> {
    this.calls.hangUp()
    const conversation = this.#conversation
    if (conversation === null) return
    const { lost } = conversation
    if (lost === null) {
      this.#part()
      return conversation.leave()
    }
    const stopped = conversation.files.leave()
    this.end(lost)
    await stopped
  }

  /** The same on all connections, also where there is no conversation yet. */
  async leaveAll(): Promise<void> {
    const left = this.leave()
    await Promise.all([left, ...[...this.#sessions].map(session => session.leave())])
  }

  /** Ends everything there is, and accepts nothing more from them. */
  async hangUp(): Promise<void> {
    this.calls.hangUp()
    const lost = this.#conversation?.lost ?? null
    if (lost !== null) this.end(lost)
    this.#part()
    const hungUp = [...this.#sessions].map(session => {
      if (session.state === 'ringing') session.decline('declined')
      return session.hangUp()
    })
    await Promise.all(hungUp)
  }
}
