import { contain, contained, ignorable } from '@p2p-secure-chat/core/contain'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { patience } from '@p2p-secure-chat/core/net/patience'
import { timeSlices } from '@p2p-secure-chat/core/limits/turns'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import type { PeerConnection } from './establish.ts'
import type { Carrier } from './outbox.ts'
import {
  ACCEPT,
  type AcceptMessage,
  CALL,
  type CallMessage,
  DECLINE,
  type DeclineCode,
  RECEIPT,
  TEXT,
} from '../messages/conversation.ts'
import { fileLimits } from '../messages/files.ts'
import { deferred } from '@p2p-secure-chat/core/deferred'
import { declined, noAnswer } from './no-conversation.ts'

/** How long a person may take to answer a call, in milliseconds. */
const ANSWER_DEADLINE = 60_000

/** How long a peer may take to resume a conversation, in milliseconds: no person has to decide anything. */
const RESUME_DEADLINE = 10_000

/** How long a peer that has connected may take to call, in milliseconds: its program calls at once. */
const CALL_DEADLINE = 5_000

/** How long the other side may be silent after our goodbye before we stop waiting for its own, in milliseconds. */
const LEAVE_DEADLINE = 10_000

/**
 * Codes that we send to the peer: it broke the rules, or ran into a defect of ours. It knows any other reason already,
 * or need not know it.
 */
export const BREACHES: ReadonlySet<ErrorCode> = new Set([
  'internal',
  'bad-frame',
  'too-large',
  'unknown-type',
  'bad-message',
  'unexpected-message',
])

/** Codes that end a connection but not its conversation, which can resume on a new one, under fresh keys. */
const LOSSES: ReadonlySet<ErrorCode> = new Set(['cut', 'timeout', 'session-limit'])

/**
 * `connected`: the callee waits for the call. `calling`, `ringing`: a person decides. `open`: texts flow. `leaving`: we
 * said goodbye and still handle what arrives. `hung-up`: we said goodbye and ignore what arrives.
 */
export type SessionState = 'connected' | 'calling' | 'ringing' | 'open' | 'leaving' | 'hung-up' | 'closed'

/** The owner of a connection, who hears of everything that happens on it, in order. */
export interface SessionOwner {
  /** The peer calls: accept() or decline(). */
  called(session: Session, call: CallMessage): void
  /** The peer accepts our call. @throws {ChatError} `bad-message` for an answer that does not fit the call */
  opened(session: Session, answer: AcceptMessage): void
  /** TEXT, RECEIPT or a message about files; settles when the next one may come. @throws {ChatError} what is wrong */
  take(session: Session, message: Message): Promise<void> | void
  /** Settles when our user has all that was taken. */
  handedOver(session: Session): Promise<void>
  /** The peer has said goodbye; ours follows. */
  saidGoodbye(session: Session): void
  /** Sends everything that must go before our goodbye; settles when the connection has it. */
  finish(session: Session): Promise<void>
  /** Nothing more follows. @param error null after both goodbyes; else why the conversation ended, or never began */
  closed(session: Session, error: ChatError | null): void
  /** Nothing more follows on this connection, which broke while the conversation was open; see LOSSES. */
  lost(session: Session, error: ChatError): void
}

/**
 * One connection between two peers from the call to the goodbye, or until it breaks. It carries messages and keeps
 * none.
 */
export class Session implements Carrier {
  /** What the upgrade found out about the peer. */
  readonly security: PeerSecurity
  /** Our call; null where the peer calls. */
  readonly placed: CallMessage | null
  /** May change: a call may turn out to be from somebody else. */
  owner: SessionOwner
  /** Settles when it is open. @throws {ChatError} why it never was */
  readonly whenOpen: Promise<void>
  readonly #channel: Channel
  readonly #wait = patience()
  #state: SessionState = 'connected'
  /** Why it ends, if that is decided before the channel ends: by us, by the peer's refusal or by its ERROR. */
  #reason: ChatError | null = null
  readonly #open = deferred()
  readonly #over = deferred()

  /**
   * Begins at once: calls, or waits for the peer's call.
   *
   * @param placed our call; null on the side that was dialled
   */
  constructor({ channel, security }: PeerConnection, owner: SessionOwner, placed: CallMessage | null) {
    this.#channel = channel
    this.security = security
    this.owner = owner
    this.placed = placed
    this.whenOpen = ignorable(this.#open.promise)
    contained(this.#run())
  }

  get state(): SessionState {
    return this.#state
  }

  get carries(): boolean {
    return this.#state === 'open' || this.#state === 'leaving'
  }

  /** Accepts the call. @throws {ChatError} `no-conversation` when nobody is calling any more, as decline() does */
  accept(answer: AcceptMessage): void {
    this.#requireRinging()
    void ignorable(this.#channel.send(ACCEPT.message(answer)))
    this.#enter('open')
    this.#open.resolve()
  }

  decline(code: DeclineCode): void {
    this.#requireRinging()
    this.#refuseCall(code, new ChatError(code, 'we did not accept the call'))
  }

  send(message: Message): Promise<void> {
    return this.#channel.send(message)
  }

  /** Says goodbye, handles what arrives until the peer's goodbye, and settles when the session is over. */
  async leave(): Promise<void> {
    this.#goodbye(null, 'leaving')
    await this.#over.promise
  }

  /** Says goodbye and ignores everything that arrives after it. */
  async hangUp(): Promise<void> {
    if (this.#state === 'leaving') this.#enter('hung-up')
    this.#goodbye(null)
    await this.#over.promise
  }

  /** Gives the connection up as broken, and settles when the session is over. */
  async lose(): Promise<void> {
    this.abort(new ChatError('cut', 'the peer connects again'))
    await this.#over.promise
  }

  abort(error: ChatError): void {
    this.#channel.abort(error)
  }

  timeOut(what: string): void {
    const error = new ChatError('timeout', what)
    this.#wait.end()
    this.#reason ??= error
    this.#state = 'hung-up'
    contained(conclude(this.#channel, error))
  }

  readonly giveUp = (error: ChatError): void => this.#goodbye(error)

  async #run(): Promise<void> {
    const turn = timeSlices()
    const next = () => this.#channel.poll() ?? this.#channel.receive()
    try {
      await this.#begin()
      for (let message = await next(); message !== null; message = await next()) {
        await turn()
        await this.#take(message)
      }
      await this.owner.handedOver(this)
      if (this.#state === 'calling') this.#reason = new ChatError('declined', 'the peer left without an answer')
      await this.#part()
    } catch (thrown) {
      const error = contain(thrown)
      contained(conclude(this.#channel, BREACHES.has(error.code) && this.#reason === null ? error : null))
      await this.owner.handedOver(this)
      return this.#close(this.#reason ?? error)
    }
    this.#close(this.#reason)
  }

  async #begin(): Promise<void> {
    if (this.placed === null) return this.#expectWithin(CALL_DEADLINE, 'the peer connected and did not call')
    this.#enter('calling')
    await this.#channel.send(CALL.message(this.placed))
  }

  /** Answers the peer's goodbye. */
  async #part(): Promise<void> {
    const { carries } = this
    this.#enter('leaving')
    this.owner.saidGoodbye(this)
    if (carries) await this.owner.finish(this)
    await conclude(this.#channel, null)
  }

  async #take(message: Message): Promise<void> {
    if (message.type === ERROR.type) throw (this.#reason ??= readError(message.body).error)
    switch (this.#state) {
      case 'connected':
        return this.#takeCall(message)
      case 'calling':
        return this.#takeAnswer(message)
      case 'open':
      case 'leaving':
        return this.#takeContent(message)
      case 'hung-up':
        // It crossed our goodbye.
        return
    }
    throw this.#unexpected(message)
  }

  #takeCall(message: Message): void {
    if (message.type !== CALL.type) throw this.#unexpected(message)
    const call = CALL.read(message.body)
    this.#enter('ringing')
    this.owner.called(this, call)
  }

  #takeAnswer(message: Message): void {
    if (message.type === DECLINE.type) throw (this.#reason = declined(DECLINE.read(message.body).code))
    if (message.type !== ACCEPT.type) throw this.#unexpected(message)
    const answer = ACCEPT.read(message.body)
    this.#enter('open')
    this.owner.opened(this, answer)
    if (this.#state === 'open') this.#open.resolve()
  }

  #takeContent(message: Message): Promise<void> | void {
    if (message.type === TEXT.type || message.type === RECEIPT.type) return this.owner.take(this, message)
    if (!fileLimits.has(message.type)) throw this.#unexpected(message)
    // Files ended with our goodbye; messages about them that still come have crossed it.
    if (this.#state === 'open') return this.owner.take(this, message)
  }

  #unexpected({ type }: Message): ChatError {
    return new ChatError('unexpected-message', `type 0x${type.toString(16)} came while ${this.#state}`)
  }

  #enter(next: SessionState): void {
    this.#wait.end()
    this.#state = next
    if (next === 'calling') {
      if (this.placed?.resume === undefined) this.#wait.begin(ANSWER_DEADLINE, () => this.#goodbye(noAnswer()))
      else this.#expectWithin(RESUME_DEADLINE, 'the peer did not answer')
    }
    if (next === 'ringing') this.#wait.begin(ANSWER_DEADLINE, () => this.#refuseCall('declined', noAnswer()))
    if (next === 'leaving' || next === 'hung-up') this.#expectWithin(LEAVE_DEADLINE, 'no goodbye came back')
  }

  /** Gives up on a peer that is late, after telling it so. */
  #expectWithin(milliseconds: number, what: string): void {
    this.#wait.begin(milliseconds, () => this.timeOut(what))
  }

  #close(error: ChatError | null): void {
    const wasOpen = this.#state === 'open'
    this.#enter('closed')
    this.#open.reject(error ?? new ChatError('declined', 'the call was given up'))
    if (wasOpen && this.#reason === null && error !== null && LOSSES.has(error.code)) this.owner.lost(this, error)
    else this.owner.closed(this, error)
    this.#over.resolve()
  }

  /** Ends our side. If the channel breaks meanwhile, receive() reports it. */
  #goodbye(why: ChatError | null, still: 'leaving' | 'hung-up' = 'hung-up'): void {
    if (this.#state === 'leaving' || this.#state === 'hung-up' || this.#state === 'closed') return
    this.#reason = why
    const wasOpen = this.#state === 'open'
    const finished = wasOpen ? this.owner.finish(this) : Promise.resolve()
    const next = wasOpen ? still : 'hung-up'
    this.#enter(next)
    // A side that hangs up does not wait until the peer has received everything.
    const ready = next === 'leaving' ? finished : Promise.resolve()
    void ready.then(() => void ignorable(this.#channel.close()))
  }

  #refuseCall(code: DeclineCode, why: ChatError): void {
    void ignorable(this.#channel.send(DECLINE.message({ code })))
    this.#goodbye(why)
  }

  #requireRinging(): void {
    if (this.#state !== 'ringing') throw new ChatError('no-conversation', 'nobody is calling')
  }
}
