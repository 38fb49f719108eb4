import { contain, contained } from '@p2p-secure-chat/core/contain'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { patience } from '@p2p-secure-chat/core/net/patience'
import { timeSlices } from '@p2p-secure-chat/core/net/time-slices'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { type Conversation, keepText, sharesNames } from './conversation.ts'
import { type TextEvents, type TextExchange, textExchange } from './text-exchange.ts'
import { ACCEPT, CALL, type CallMessage, DECLINE, type DeclineCode, RECEIPT, TEXT } from '../messages/conversation.ts'
import { fileLimits } from '../messages/files.ts'

/** How long a person may take to answer a call, in milliseconds. */
const ANSWER_DEADLINE = 60_000

/** How long a peer may take to go on with a conversation, in milliseconds: nobody has to decide anything. */
const RESUME_DEADLINE = 10_000

/** How long a peer that has connected may take to call, in milliseconds: it needs no thought. */
const CALL_DEADLINE = 5_000

/** How long the other side may be silent after our goodbye before we stop waiting for its own, in milliseconds. */
const LEAVE_DEADLINE = 10_000

/**
 * Codes that a peer hears of: it broke the rules, or met a defect of ours. Anything else that ends a conversation it knows
 * already, or need not know.
 */
const BREACHES: ReadonlySet<ErrorCode> = new Set([
  'internal',
  'bad-frame',
  'too-large',
  'unknown-type',
  'bad-message',
  'unexpected-message',
])

/** What ends a connection and no conversation: it can go on in another one, under fresh keys. */
const LOSSES: ReadonlySet<ErrorCode> = new Set(['cut', 'timeout', 'session-limit'])

/**
 * `connected`: the callee waits for the call. `calling`, `ringing`: a person decides. `open`: texts flow. `leaving`: we
 * said goodbye and still take what arrives. `hung-up`: the same before it was open, when nothing matters any more.
 */
export type SessionState = 'connected' | 'calling' | 'ringing' | 'open' | 'leaving' | 'hung-up' | 'closed'

/** What a session tells its owner, in order. */
export interface SessionEvents extends Omit<TextEvents, 'stalled'> {
  /** The peer calls: accept() or decline(). */
  ringing(call: CallMessage): void
  opened(): void
  /** A message about files came; settles when the next one may. @throws {ChatError} what is wrong with it */
  file(message: Message): Promise<void> | void
  /** Nothing more follows. Null after both goodbyes; else why the conversation ended, or never began. */
  closed(error: ChatError | null): void
  /** Nothing more follows on this connection, which broke while the conversation was open; see LOSSES. */
  lost(error: ChatError): void
}

/** A conversation on one connection, from the call to the goodbye, or until the connection breaks. */
export interface Session {
  readonly state: SessionState
  /**
   * Takes the call.
   *
   * @param resumed the conversation with which the caller asks to go on; by default a new one begins
   * @throws {ChatError} `no-conversation` when nobody is calling any more, as decline()
   */
  accept(resumed?: Conversation): void
  decline(code: DeclineCode): void
  /**
   * Takes a text for sending.
   *
   * @returns its name, which nobody else's text has
   * @throws {ChatError} `no-conversation` unless it is open, `too-large`, `too-many`
   */
  send(text: string): string
  /** Sends a message about files; settles when there is room for more. */
  pass(message: Message): Promise<void>
  /** Waits until everything sent is acknowledged, no receipt came for long, or the session is over. */
  settled(): Promise<void>
  /** Says goodbye, still takes what arrives until the peer's goodbye, and settles when the session is over. */
  leave(): Promise<void>
  /** Says goodbye and takes nothing more from the peer. */
  hangUp(): Promise<void>
  /** Gives the connection up as broken, and settles when the session is over. */
  lose(): Promise<void>
}

/**
 * Holds a conversation on an established channel. The initiator calls at once.
 *
 * @param begun a new conversation, or for an initiator the one that broke and is to go on
 */
export function openSession(channel: Channel, role: Role, begun: Conversation, events: SessionEvents): Session {
  let conversation = begun
  let state: SessionState = 'connected'
  /** What the peer called for. */
  let called: CallMessage | null = null
  /** Null until the conversation is open. */
  let texts: TextExchange | null = null
  const wait = patience()
  /** Why it ends, where that is decided before the channel ends: by us, by the peer's refusal or by its ERROR. */
  let reason: ChatError | null = null
  let onOver: () => void
  const over = new Promise<void>(resolve => {
    onOver = resolve
  })

  function expectWithin(milliseconds: number, what: string): void {
    wait.begin(milliseconds, () => channel.abort(new ChatError('timeout', what)))
  }

  function enter(next: SessionState): void {
    wait.end()
    state = next
    if (next === 'hung-up' || next === 'closed') texts?.end()
    if (next === 'calling') {
      if (conversation.theirs === null) wait.begin(ANSWER_DEADLINE, () => goodbye(unanswered()))
      else expectWithin(RESUME_DEADLINE, 'an answer')
    }
    if (next === 'ringing') wait.begin(ANSWER_DEADLINE, () => refuseCall('declined', unanswered()))
    if (next === 'leaving' || next === 'hung-up') expectWithin(LEAVE_DEADLINE, 'no goodbye came back')
  }

  function close(error: ChatError | null): void {
    const wasOpen = state === 'open'
    enter('closed')
    if (wasOpen && reason === null && error !== null && LOSSES.has(error.code)) events.lost(error)
    else events.closed(error)
    onOver()
  }

  /** Ends our side. A channel that breaks meanwhile says so in receive(). */
  function goodbye(why: ChatError | null, still: 'leaving' | 'hung-up' = 'hung-up'): void {
    if (state === 'leaving' || state === 'hung-up' || state === 'closed') return
    reason = why
    const last = state === 'open' ? still : 'hung-up'
    const finished = finish()
    enter(last)
    void (last === 'hung-up' ? Promise.resolve() : finished).then(() => void ignorable(channel.close()))
  }

  /** Our last texts and receipts, where there are any. */
  async function finish(): Promise<void> {
    await texts?.finish()
  }

  function refuseCall(code: DeclineCode, why: ChatError): void {
    void ignorable(channel.send(DECLINE.message({ code })))
    goodbye(why)
  }

  function requireRinging(): void {
    if (state !== 'ringing') throw new ChatError('no-conversation', 'nobody is calling')
  }

  async function take(message: Message): Promise<void> {
    if (message.type === ERROR.type) throw (reason ??= readError(message.body).error)
    switch (state) {
      case 'connected':
        if (message.type !== CALL.type) break
        called = CALL.read(message.body)
        requireOther(called.conversation)
        enter('ringing')
        return events.ringing(called)
      case 'calling':
        if (message.type === DECLINE.type) throw (reason = declined(DECLINE.read(message.body).code))
        if (message.type !== ACCEPT.type) break
        return takeAccept(message)
      case 'leaving':
      case 'open':
        if (message.type === TEXT.type || message.type === RECEIPT.type) return texts?.take(message)
        if (!fileLimits.has(message.type)) break
        // Files have ended when we say goodbye; what comes of them still has crossed it.
        return state === 'open' ? events.file(message) : undefined
      case 'hung-up':
        // It crossed our goodbye.
        return
    }
    throw new ChatError('unexpected-message', `type 0x${message.type.toString(16)} came while ${state}`)
  }

  /** Its texts must not be taken for ours. */
  function requireOther(id: string): void {
    if (sharesNames(id, conversation.id)) throw new ChatError('bad-message', 'the peer has taken our conversation id')
  }

  function takeAccept({ body }: Message): void {
    const { conversation: theirs, received } = ACCEPT.read(body)
    requireOther(theirs)
    const resumed = conversation.theirs !== null
    if (resumed && (theirs !== conversation.theirs || received === undefined))
      throw new ChatError('bad-message', 'the peer goes on with another conversation')
    open(theirs, resumed ? received : undefined)
  }

  /** @param has the latest text that the peer has, where the conversation goes on: it gets the others again */
  function open(theirs: string, has = 0n): void {
    conversation.theirs = theirs
    texts = textExchange(channel, conversation, has, {
      text: events.text,
      delivered: events.delivered,
      stalled() {
        reason = new ChatError('timeout', 'the peer acknowledges nothing')
        channel.abort(reason)
      },
    })
    enter('open')
    events.opened()
    texts.pass()
  }

  function callMessage(): Message {
    const { id, theirs, texts } = conversation
    const resume = theirs === null ? undefined : { conversation: theirs, received: texts.report() }
    return CALL.message({ conversation: id, resume })
  }

  async function run(): Promise<void> {
    const turn = timeSlices()
    try {
      if (role === 'initiator') {
        enter('calling')
        await channel.send(callMessage())
      } else {
        expectWithin(CALL_DEADLINE, 'the peer connected and did not call')
      }
      for (let message = await channel.receive(); message !== null; message = await channel.receive()) {
        await turn()
        await take(message)
      }
      if (state === 'calling') reason = new ChatError('declined', 'the peer left without an answer')
      enter('leaving')
      await finish()
      await conclude(channel, null)
    } catch (thrown) {
      const error = contain(thrown)
      contained(conclude(channel, BREACHES.has(error.code) && reason === null ? error : null))
      return close(reason ?? error)
    }
    close(reason)
  }

  contained(run())

  return {
    get state() {
      return state
    },
    accept(resumed) {
      requireRinging()
      if (resumed !== undefined) conversation = resumed
      const { id, texts } = conversation
      const received = resumed === undefined ? undefined : texts.report()
      void ignorable(channel.send(ACCEPT.message({ conversation: id, received })))
      open(called?.conversation ?? '', resumed === undefined ? undefined : called?.resume?.received)
    },
    decline(code) {
      requireRinging()
      refuseCall(code, new ChatError(code, 'we did not take the call'))
    },
    send(text) {
      if (state !== 'open') throw new ChatError('no-conversation', 'the conversation is not open')
      const name = keepText(conversation, text)
      texts?.pass()
      return name
    },
    pass: message => channel.send(message),
    async settled() {
      await texts?.settled()
    },
    async leave() {
      goodbye(null, 'leaving')
      await over
    },
    async hangUp() {
      if (state === 'leaving') enter('hung-up')
      goodbye(null)
      await over
    },
    async lose() {
      channel.abort(new ChatError('cut', 'the peer connects again'))
      await over
    },
  }
}

function unanswered(): ChatError {
  return new ChatError('no-answer', 'the call was not answered')
}

function declined(code: DeclineCode): ChatError {
  const why = {
    declined: 'the call was declined',
    busy: 'the peer is busy',
    crossed: 'both called at once',
    'no-conversation': 'the peer has ended the conversation',
  }
  return new ChatError(code, why[code])
}
