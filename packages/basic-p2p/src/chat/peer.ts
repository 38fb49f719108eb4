import { contain, contained } from '@p2p-secure-chat/core/contain'
import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'
import { type FileTransfers, fileTransfers } from '../files/file-transfers.ts'
import { partialKey } from '../files/partial-name.ts'
import { closedEvent, openEvent, undeliveredEvent } from './chat-event.ts'
import { Conversation, type ConversationIds, conversationId, sharesNames } from './conversation.ts'
import type { Connection } from './establish.ts'
import { type Caller, type Callers, IncomingCall } from './incoming-call.ts'
import { interruption } from './interruption.ts'
import { unanswered } from './no-conversation.ts'
import { type Callee, OutgoingCall } from './outgoing-call.ts'
import type { PeerContext } from './peer-context.ts'
import { type PeerEvent, type PeerState, step } from './peer-states.ts'
import { Resumption, type Partner } from './resumption.ts'
import { Session, type SessionOwner } from './session.ts'
import type { AcceptMessage, CallMessage } from '../messages/conversation.ts'

/** How long the caller of an interrupted conversation has, in milliseconds, before the callee looks what became of them. */
const CALLER_HEAD_START = 500

/** Texts that are listed when they were not delivered: enough to say them again, too few to fill a screen. */
const LISTED = 10

/** The peers of one user, as each of them knows the others. */
export interface Peers extends PeerContext, Callers {
  /** A conversation with that peer is open now. */
  opened(peer: Peer): void
  /** There is something with that peer. */
  keep(peer: Peer): void
  /** There is nothing with that peer any more. */
  forget(peer: Peer): void
}

/** Everything between us and one person. Its states, and what leads from one to the other, are those of peer-states.ts. */
export class Peer implements Callee, Caller, Partner, SessionOwner {
  /** What it is found by: its name; for a stranger whose call was not accepted yet, name and key. */
  readonly id: string
  readonly name: string
  readonly #peers: Peers
  #state: PeerState = 'none/none'
  /** From its opening to its end. */
  #conversation: Conversation | null = null
  /** Ours, until its outcome is known. */
  #call: OutgoingCall | null = null
  /** Theirs, while it rings. */
  #ringing: IncomingCall | null = null
  /** All connections with them that are not over. */
  readonly #sessions = new Set<Session>()
  readonly #resumption: Resumption

  constructor({ id, name }: Pick<Peer, 'id' | 'name'>, peers: Peers) {
    this.id = id
    this.name = name
    this.#peers = peers
    this.#resumption = new Resumption(this, peers)
  }

  get state(): PeerState {
    return this.#state
  }

  get conversation(): Conversation | null {
    return this.#conversation
  }

  get call(): OutgoingCall | null {
    return this.#call
  }

  /** Their call that waits for our user's answer. */
  get ringing(): IncomingCall | null {
    return this.#ringing?.waits === true ? this.#ringing : null
  }

  /** Whether a call of theirs has rung, and its connection is not over yet. */
  get isRinging(): boolean {
    return this.#ringing !== null
  }

  get isOpen(): boolean {
    return this.#state === 'open/none' || this.#state === 'interrupted/resuming'
  }

  get ending(): Promise<void> | null {
    return this.isOpen ? null : (this.#conversation?.over ?? null)
  }

  /** What is known of them: from the conversation, or from the call that rings. */
  get learnt(): Learnt | null {
    return this.#conversation?.learnt ?? this.#ringing?.session.learnt ?? null
  }

  /** The fingerprint of the key that we know to be theirs: of the conversation, or of who answered our call. */
  get key(): string | null {
    return this.#conversation?.learnt.fingerprint ?? this.#call?.fingerprint ?? null
  }

  /** Whether somebody with that key is on a connection of theirs, or was before it broke. */
  hasKey(fingerprint: string | null): boolean {
    if (fingerprint === null) return false
    return this.key === fingerprint || [...this.#sessions].some(({ learnt }) => learnt.fingerprint === fingerprint)
  }

  isTalkingTo({ fingerprint }: Learnt): boolean {
    return fingerprint !== null && fingerprint === this.#conversation?.learnt.fingerprint
  }

  on(event: PeerEvent): void {
    this.#state = step(this.#state, event).to
  }

  // Connections

  hold(connection: Connection, placed: CallMessage | null): Session {
    const session = new Session(connection, this, placed)
    this.adopt(session)
    return session
  }

  adopt(session: Session): void {
    this.#peers.keep(this)
    this.#sessions.add(session)
    session.owner = this
  }

  release(session: Session): void {
    this.#sessions.delete(session)
    this.#rest()
  }

  lost(session: Session, error: ChatError): void {
    this.#sessions.delete(session)
    if (!this.#conversation?.isCarriedBy(session)) return this.#rest()
    // Without a key nobody knows who would come back.
    if (this.#peers.leaving || session.learnt.fingerprint === null) this.end(error)
    else this.#interrupt(this.#conversation, error)
  }

  closed(session: Session, error: ChatError | null): void {
    this.#sessions.delete(session)
    if (this.#conversation?.isCarriedBy(session)) return this.end(error)
    if (this.#ringing?.session === session) {
      this.ring(null)
      if (this.#state === 'none/ringing') this.on('silent')
      this.#peers.noteGone()
      void this.#peers.tell(closedEvent(this.name, error, 'the caller hung up'))
    } else if (session.placed === null && error?.exitCode === 3) {
      // Our user has not heard of this call yet, but somebody tampers with it.
      this.#peers.noteTampering(error, this.name)
    }
    this.#rest()
  }

  /** Where nothing is left, nothing is kept. */
  #rest(): void {
    if (this.#state === 'none/none' && this.#sessions.size === 0) this.#peers.forget(this)
  }

  // Calls

  /**
   * Calls them, or joins the call that is under way.
   *
   * @param patience how long to try again while they have no place for it, in milliseconds
   * @returns whether a conversation is open now, whichever side called
   */
  place(patience?: number): Promise<boolean> {
    if (this.isOpen) return Promise.resolve(true)
    if (this.#call === null) {
      // Their call has rung until now, and waits for no answer any more.
      if (this.#state === 'none/ringing') this.on('silent')
      this.on('call')
      this.#peers.keep(this)
      this.#call = new OutgoingCall(this, this.#peers, patience)
    }
    return this.#call.outcome
  }

  callFailed(error: ChatError): void {
    this.#endCall(closedEvent(this.name, error))
  }

  #hangUpCall(): void {
    this.#call?.hangUp()
    this.#endCall(closedEvent(this.name, null, 'you hung up'))
  }

  #endCall(event: ReturnType<typeof closedEvent>): void {
    this.#call = null
    this.on('failed')
    void this.#peers.tell(event)
    this.#rest()
  }

  called(session: Session, message: CallMessage): void {
    contained(new IncomingCall(session, message, this, this.#peers).receive())
  }

  ring(call: IncomingCall | null): void {
    this.#ringing = call
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
    if (this.#call?.session !== session || this.#state !== 'none/placed') return void session.leave()
    this.on('accepted')
    this.#open(session, { ours: placed.conversation, theirs }, true)
  }

  // The conversation

  #open(session: Session, ids: ConversationIds, placed: boolean): void {
    const { learnt } = session
    const { name } = this
    const conversation = new Conversation({
      ids,
      learnt,
      placed,
      files: this.#fileTransfers(learnt),
      events: {
        text: (id, text) => this.#peers.emit({ event: 'message', peer: name, direction: 'in', id, text }),
        delivered: id => void this.#peers.tell({ event: 'delivered', peer: name, id }),
      },
    })
    conversation.connect(session)
    this.#conversation = conversation
    this.#peers.opened(this)
    const noted = learnt.opened().catch(thrown => void this.#peers.tell(errorEvent(contain(thrown))))
    this.#peers.noteUnfinished(noted)
    void this.#peers.tell(openEvent(name, learnt))
    this.#call?.opened()
    this.#call = null
    conversation.flow()
  }

  #fileTransfers({ fingerprint, integrity, protocol }: Learnt): FileTransfers {
    const { filePolicy: policy, name } = this.#peers
    return fileTransfers({
      policy,
      nextNumber: () => this.#peers.nextFileNumber(),
      partialKey: fingerprint === null ? null : partialKey({ protocol, receiver: name, fingerprint }),
      tell: update => {
        if (update.state === 'done' || update.state === 'failed') this.#peers.noteGone()
        return this.#peers.tell({ event: 'file', peer: this.name, integrity, ...update })
      },
    })
  }

  /**
   * Takes a text for them; settles when there is room for more.
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
    // Of a connection that lost its conversation, what still arrives matters to nobody.
    if (this.#conversation?.isCarriedBy(session)) return this.#conversation.take(message)
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

  #interrupt(conversation: Conversation, error: ChatError): void {
    if (!conversation.mayBreak()) {
      return this.end(new ChatError('too-many', 'the connection breaks again and again'))
    }
    this.on('lost')
    const attempts = interruption(error, {
      headStart: conversation.placed ? 0 : CALLER_HEAD_START,
      attempt: () => this.#resumption.attempt(conversation),
      onGivenUp: why => this.end(why),
    })
    conversation.disconnect(attempts)
    // Only now: a listener may ask at once whether it is so.
    void this.#peers.tell({ ...errorEvent(error), event: 'interrupted', peer: this.name })
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
    this.#noteUndelivered(conversation)
    conversation.end()
    this.#rest()
  }

  #noteUndelivered({ outbox }: Conversation): void {
    const count = outbox.unacknowledged
    if (count === 0) return
    this.#peers.noteUndelivered(count)
    void this.#peers.tell(undeliveredEvent(this.name, count, outbox.firstUnacknowledged(LISTED)))
  }

  // The end

  /** Hangs up our call, or says goodbye, and settles when the conversation is over. */
  async leave(): Promise<void> {
    if (this.#call !== null) this.#hangUpCall()
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

  /** Ends whatever there is, and takes nothing more from them. */
  async hangUp(): Promise<void> {
    if (this.#call !== null) this.#hangUpCall()
    const lost = this.#conversation?.lost ?? null
    if (lost !== null) this.end(lost)
    this.#part()
    const hungUp = [...this.#sessions].map(session => {
      if (session.state === 'ringing') session.decline('declined')
      return session.hangUp()
    })
    await Promise.all(hungUp)
  }

  /** Their call rings no more, for a conversation with somebody of that name is open. */
  silence(): void {
    const ringing = this.#ringing
    if (ringing === null) return
    this.ring(null)
    if (this.#state === 'none/ringing') this.on('silent')
    if (ringing.session.state === 'ringing') ringing.session.decline('busy')
  }
}
