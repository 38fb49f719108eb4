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
import { delivery } from './delivery.ts'
import {
  acceptSchema,
  callSchema,
  type DeclineCode,
  declineSchema,
  readReceipt,
  readText,
  receiptMessage,
  TEXT_LIMIT,
  textMessage,
} from './session-messages.ts'

/** How long a person may take to answer a call, in milliseconds. */
const ANSWER_DEADLINE = 60_000

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
  ringing(): void
  opened(): void
  /** A text came. It is acknowledged once the promise settles: then it was handed to the user. */
  text(id: string, text: string): Promise<void>
  /** The peer has this text of ours. */
  delivered(id: string): void
  /** Nothing more follows. Null after both goodbyes; else why the conversation ended, or never began. */
  closed(error: ChatError | null): void
}

/** One conversation between two peers, from the call to the goodbye. */
export interface Session {
  readonly state: SessionState
  /** How many of our texts the peer has not acknowledged. */
  readonly unacknowledged: number
  /** @throws {ChatError} `no-conversation` when nobody is calling any more, as decline() */
  accept(): void
  decline(code: DeclineCode): void
  /**
   * Takes a text for sending.
   *
   * @returns its id, which nobody else's text has, and a promise that settles when there is room for more (it rejects
   * with what ended the session)
   * @throws {ChatError} `no-conversation` unless it is open, `too-large`
   */
  send(text: string): { id: string; room: Promise<void> }
  /** Waits until everything sent is acknowledged, no receipt came for long, or the session is over. */
  settled(): Promise<void>
  /** Says goodbye, still takes what arrives until the peer's goodbye, and settles when the session is over. */
  leave(): Promise<void>
  /** Says goodbye and takes nothing more from the peer. */
  hangUp(): Promise<void>
}

/**
 * Holds a conversation on an established channel. The initiator calls at once.
 *
 * @param conversation our id of this conversation, 32 random hex digits
 */
export function openSession(channel: Channel, role: Role, conversation: string, events: SessionEvents): Session {
  const texts = delivery()
  let state: SessionState = 'connected'
  /** The peer's id of this conversation. */
  let theirs = ''
  let timer: NodeJS.Timeout | undefined
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
    state = next
    if (next === 'calling') timer = setTimeout(() => goodbye(unanswered()), ANSWER_DEADLINE)
    if (next === 'ringing') timer = setTimeout(() => refuseCall('declined', unanswered()), ANSWER_DEADLINE)
    if (next === 'leaving' || next === 'hung-up') expectWithin(LEAVE_DEADLINE, 'no goodbye came back')
  }

  function close(error: ChatError | null): void {
    enter('closed')
    wakeSettled()
    events.closed(error)
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
    enter(state === 'open' ? still : 'hung-up')
    void ignorable(channel.close())
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
        theirs = otherConversation(readJson(callSchema, message.body).conversation)
        enter('ringing')
        return events.ringing()
      case 'calling':
        if (message.type === DECLINE) throw (reason = declined(readJson(declineSchema, message.body).code))
        if (message.type !== ACCEPT) break
        theirs = otherConversation(readJson(acceptSchema, message.body).conversation)
        enter('open')
        return events.opened()
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
  function otherConversation(id: string): string {
    if (id === conversation) throw new ChatError('bad-message', 'the peer has taken our conversation id')
    return id
  }

  async function takeText({ body }: Message): Promise<void> {
    const { id, text } = readText(body)
    texts.receive(id)
    await events.text(nameText(theirs, id), text)
    texts.handOver(id)
    if (receiptScheduled) return
    // One receipt for everything that is handed over in this turn.
    receiptScheduled = true
    process.nextTick(() => {
      receiptScheduled = false
      sendReceipt()
    })
  }

  function sendReceipt(): void {
    const id = state === 'open' ? texts.receipt() : null
    if (id !== null) void ignorable(channel.send(receiptMessage(id)))
  }

  function takeReceipt({ body }: Message): void {
    for (const id of texts.acknowledge(readReceipt(body))) events.delivered(nameText(conversation, id))
    if (texts.unacknowledged === 0) wakeSettled()
  }

  async function run(): Promise<void> {
    try {
      if (role === 'initiator') {
        enter('calling')
        await channel.send(jsonMessage(CALL, { conversation }))
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
    get unacknowledged() {
      return texts.unacknowledged
    },
    accept() {
      requireRinging()
      enter('open')
      void ignorable(channel.send(jsonMessage(ACCEPT, { conversation })))
      events.opened()
    },
    decline(code) {
      requireRinging()
      refuseCall(code, new ChatError(code, 'we did not take the call'))
    },
    send(text) {
      if (state !== 'open') throw new ChatError('no-conversation', 'the conversation is not open')
      if (Buffer.byteLength(text) > TEXT_LIMIT) {
        throw new ChatError('too-large', `a text has at most ${TEXT_LIMIT} bytes`)
      }
      const id = texts.send()
      return { id: nameText(conversation, id), room: channel.send(textMessage(id, text)) }
    },
    async settled() {
      let before = Number.POSITIVE_INFINITY
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
  }
}

/** A text's name among all texts of all conversations, the same on both sides; 64 of the random bits are enough. */
function nameText(conversation: string, id: bigint): string {
  return `${conversation.slice(0, 16)}-${id}`
}

function unanswered(): ChatError {
  return new ChatError('no-answer', 'the call was not answered')
}

function declined(code: DeclineCode): ChatError {
  const why = { declined: 'the call was declined', busy: 'the peer is busy', crossed: 'both called at once' }
  return new ChatError(code, why[code])
}
