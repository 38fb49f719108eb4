import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { jsonMessage, readJson } from '@p2p-secure-chat/core/wire/json-body'
import { ACCEPT, CALL, DECLINE, ERROR, RECEIPT, TEXT } from '@p2p-secure-chat/core/wire/message-types'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { type Conversation, keepText, nameText } from './conversation.ts'
import {
  acceptSchema,
  type CallMessage,
  callSchema,
  type DeclineCode,
  declineSchema,
  readReceipt,
  readText,
  receiptMessage,
  textMessage,
} from './session-messages.ts'

/** How long a person may take to answer a call, in milliseconds. */
const ANSWER_DEADLINE = 60_000

/** How long a peer may take to go on with a conversation, in milliseconds: nobody has to decide anything. */
const RESUME_DEADLINE = 10_000

/** How long a peer that has connected may take to call, in milliseconds: it needs no thought. */
const CALL_DEADLINE = 5_000

/** How long the other side may be silent after our goodbye before we stop waiting for its own, in milliseconds. */
const LEAVE_DEADLINE = 10_000

/** How long we wait for the next receipt before we believe that none will come, in milliseconds. */
const RECEIPT_PATIENCE = 45_000

/** What a peer is told about: it broke the rules. Whatever else ends a conversation, it knows or need not know. */
const BREACHES: ReadonlySet<ErrorCode> = new Set([
  'bad-frame',
  'too-large',
  'unknown-type',
  'bad-message',
  'unexpected-message',
])

/**
 * `connected`: the callee waits for the call. `calling`, `ringing`: a person decides. `open`: texts flow. `leaving`: we
 * said goodbye and still take what arrives. `hung-up`: the same before it was open, when nothing matters any more.
 */
export type SessionState = 'connected' | 'calling' | 'ringing' | 'open' | 'leaving' | 'hung-up' | 'closed'

/** What a session tells its owner, in order. */
export interface SessionEvents {
  /** The peer calls: accept() or decline(). */
  ringing(call: CallMessage): void
  opened(): void
  /** A text came. It is acknowledged once the promise settles: then it was handed to the user. */
  text(id: string, text: string): Promise<void>
  /** The peer has this text of ours. */
  delivered(id: string): void
  /** Nothing more follows. Null after both goodbyes; else why the conversation ended, or never began. */
  closed(error: ChatError | null): void
  /** Nothing more follows on this connection, which broke while the conversation was open: `cut` or `timeout`. */
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
  /** The last text of ours that went into this connection. */
  let passed = 0n
  let passing: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined
  let stallTimer: NodeJS.Timeout | undefined
  let receiptScheduled = false
  let onSettled: (() => void)[] = []
  /** Why it ends, where that is decided before the channel ends: by us, by the peer's refusal or by its ERROR. */
  let reason: ChatError | null = null
  let onOver: () => void
  const over = new Promise<void>(resolve => {
    onOver = resolve
  })

  function expectWithin(milliseconds: number, what: string): void {
    clearTimeout(timer)
    timer = setTimeout(() => channel.abort(new ChatError('timeout', what)), milliseconds)
  }

  function enter(next: SessionState): void {
    clearTimeout(timer)
    clearTimeout(stallTimer)
    stallTimer = undefined
    state = next
    if (next === 'calling') {
      if (conversation.theirs === null) timer = setTimeout(() => goodbye(unanswered()), ANSWER_DEADLINE)
      else expectWithin(RESUME_DEADLINE, 'an answer')
    }
    if (next === 'ringing') timer = setTimeout(() => refuseCall('declined', unanswered()), ANSWER_DEADLINE)
    if (next === 'leaving' || next === 'hung-up') expectWithin(LEAVE_DEADLINE, 'no goodbye came back')
  }

  function close(error: ChatError | null): void {
    const wasOpen = state === 'open'
    enter('closed')
    wakeSettled()
    if (wasOpen && reason === null && (error?.code === 'cut' || error?.code === 'timeout')) events.lost(error)
    else events.closed(error)
    onOver()
  }

  function wakeSettled(): void {
    for (const wake of onSettled) wake()
    onSettled = []
  }

  /** Ends our side. A channel that breaks meanwhile says so in receive(). */
  function goodbye(why: ChatError | null, still: 'leaving' | 'hung-up' = 'hung-up'): void {
    if (state === 'leaving' || state === 'hung-up' || state === 'closed') return
    reason = why
    sendReceipt()
    const last = state === 'open' ? still : 'hung-up'
    enter(last)
    // A text that was taken for sending goes out before the goodbye.
    if (passing === null || last === 'hung-up') void ignorable(channel.close())
    else void passing.then(() => ignorable(channel.close()))
  }

  function refuseCall(code: DeclineCode, why: ChatError): void {
    void ignorable(channel.send(jsonMessage(DECLINE, { code })))
    goodbye(why)
  }

  function requireRinging(): void {
    if (state !== 'ringing') throw new ChatError('no-conversation', 'nobody is calling')
  }

  async function take(message: Message): Promise<void> {
    if (message.type === ERROR) throw (reason ??= readError(message.body).error)
    switch (state) {
      case 'connected':
        if (message.type !== CALL) break
        called = readJson(callSchema, message.body)
        requireOther(called.conversation)
        enter('ringing')
        return events.ringing(called)
      case 'calling':
        if (message.type === DECLINE) throw (reason = declined(readJson(declineSchema, message.body).code))
        if (message.type !== ACCEPT) break
        return takeAccept(message)
      case 'leaving':
      case 'open':
        if (message.type === TEXT) return takeText(message)
        if (message.type === RECEIPT) return takeReceipt(message)
        break
      case 'hung-up':
        // It crossed our goodbye.
        return
    }
    throw new ChatError('unexpected-message', `type 0x${message.type.toString(16)} came while ${state}`)
  }

  /** Its texts must not be taken for ours. */
  function requireOther(id: string): void {
    if (id === conversation.id) throw new ChatError('bad-message', 'the peer has taken our conversation id')
  }

  function takeAccept({ body }: Message): void {
    const { conversation: theirs, received } = readJson(acceptSchema, body)
    requireOther(theirs)
    const resumed = conversation.theirs !== null
    if (resumed && (theirs !== conversation.theirs || received === undefined))
      throw new ChatError('bad-message', 'the peer goes on with another conversation')
    open(theirs, resumed ? received : undefined)
  }

  /** @param has the latest text that the peer has, where the conversation goes on: it gets the others again */
  function open(theirs: string, has = 0n): void {
    conversation.theirs = theirs
    if (has !== conversation.texts.acknowledged) acknowledge(has)
    passed = has
    enter('open')
    events.opened()
    passTexts()
  }

  function passTexts(): void {
    passing ??= passWaiting().finally(() => {
      passing = null
    })
    watchRoom()
  }

  /** Passes the texts that wait to the channel, one after the other. What breaks the channel is told by run(). */
  async function passWaiting(): Promise<void> {
    const { texts } = conversation
    try {
      while (passed < texts.sent && (state === 'open' || state === 'leaving')) {
        passed += 1n
        await channel.send(textMessage(passed, texts.text(passed)))
      }
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
    }
  }

  /** A peer that acknowledges nothing any more must not make our user wait for ever. */
  function watchRoom(): void {
    if (!conversation.texts.full) return
    stallTimer ??= setTimeout(() => {
      reason = new ChatError('timeout', 'the peer acknowledges nothing')
      channel.abort(reason)
    }, RECEIPT_PATIENCE)
  }

  async function takeText({ body }: Message): Promise<void> {
    const { id, text } = readText(body)
    conversation.texts.receive(id)
    await events.text(nameText(conversation.theirs ?? '', id), text)
    conversation.texts.handOver(id)
    if (receiptScheduled) return
    // One receipt for everything that is handed over in this turn.
    receiptScheduled = true
    process.nextTick(() => {
      receiptScheduled = false
      sendReceipt()
    })
  }

  function sendReceipt(): void {
    const id = state === 'open' ? conversation.texts.receipt() : null
    if (id !== null) void ignorable(channel.send(receiptMessage(id)))
  }

  function takeReceipt({ body }: Message): void {
    acknowledge(readReceipt(body))
    clearTimeout(stallTimer)
    stallTimer = undefined
    watchRoom()
  }

  function acknowledge(upTo: bigint): void {
    const { id, texts } = conversation
    for (const acknowledged of texts.acknowledge(upTo)) events.delivered(nameText(id, acknowledged))
    if (texts.unacknowledged === 0) wakeSettled()
  }

  function callMessage(): Message {
    const { id, theirs, texts } = conversation
    const resume = theirs === null ? undefined : { conversation: theirs, received: String(texts.report()) }
    return jsonMessage(CALL, { conversation: id, resume })
  }

  async function run(): Promise<void> {
    try {
      if (role === 'initiator') {
        enter('calling')
        await channel.send(callMessage())
      } else {
        expectWithin(CALL_DEADLINE, 'the peer connected and did not call')
      }
      for (let message = await channel.receive(); message !== null; message = await channel.receive()) {
        await take(message)
      }
      if (state === 'calling') reason = new ChatError('declined', 'the peer left without an answer')
      sendReceipt()
      enter('leaving')
      await conclude(channel, null)
      close(reason)
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      void conclude(channel, BREACHES.has(error.code) && reason === null ? error : null)
      close(reason ?? error)
    }
  }

  void run()

  return {
    get state() {
      return state
    },
    accept(resumed) {
      requireRinging()
      if (resumed !== undefined) conversation = resumed
      const { id, texts } = conversation
      const received = resumed === undefined ? undefined : String(texts.report())
      void ignorable(channel.send(jsonMessage(ACCEPT, { conversation: id, received })))
      open(called?.conversation ?? '', resumed === undefined ? undefined : called?.resume?.received)
    },
    decline(code) {
      requireRinging()
      refuseCall(code, new ChatError(code, 'we did not take the call'))
    },
    send(text) {
      if (state !== 'open') throw new ChatError('no-conversation', 'the conversation is not open')
      const name = keepText(conversation, text)
      passTexts()
      return name
    },
    async settled() {
      let before = Number.POSITIVE_INFINITY
      const { texts } = conversation
      while (state === 'open' && texts.unacknowledged > 0 && texts.unacknowledged < before) {
        before = texts.unacknowledged
        const settled = new Promise<void>(resolve => onSettled.push(resolve))
        await withDeadline(settled, RECEIPT_PATIENCE, 'a receipt').catch(() => undefined)
      }
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
