import { ChatError } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage, readJson } from '@p2p-secure-chat/core/wire/json-body'
import { ACCEPT, CALL, DECLINE, ERROR, RECEIPT, TEXT } from '@p2p-secure-chat/core/wire/message-types'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
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
const CALL_DEADLINE = 60_000

/** How long after our goodbye the other side may be silent before we stop waiting for its own, in milliseconds. */
const LEAVE_DEADLINE = 5_000

/**
 * `dialled`: the caller has not called yet, or the callee waits for the call. `calling`, `ringing`: a person decides.
 * `open`: texts flow. `leaving`: we said goodbye and still listen.
 */
export type SessionState = 'dialled' | 'calling' | 'ringing' | 'open' | 'leaving' | 'closed'

/** What a session tells its owner, in order. */
export interface SessionEvents {
  /** The peer calls: accept() or decline(). */
  ringing(): void
  opened(): void
  /** A text came. It is acknowledged once the promise settles: then it was handed to the user. */
  text(id: bigint, text: string): Promise<void>
  /** The peer has this text of ours. */
  delivered(id: bigint): void
  /** Nothing more follows. Null after both goodbyes; else why the conversation ended. */
  closed(error: ChatError | null): void
}

/** One conversation between two peers, from the call to the goodbye. */
export interface Session {
  readonly state: SessionState
  /** How many of our texts the peer has not acknowledged. */
  readonly unacknowledged: number
  accept(): Promise<void>
  decline(code: DeclineCode): Promise<void>
  /**
   * Takes a text for sending.
   *
   * @returns its id, and a promise that settles when there is room for more (it rejects with what ended the session)
   * @throws {ChatError} `no-conversation` unless it is open, `too-large`
   */
  send(text: string): { id: bigint; room: Promise<void> }
  /** Waits until everything sent is acknowledged, or the session is over. */
  settled(): Promise<void>
  /** Says goodbye, still takes what arrives until the peer's goodbye, and settles when the session is over. */
  leave(): Promise<void>
}

/**
 * Holds a conversation on an established channel. The initiator calls at once.
 *
 * @param conversation this program's conversation id, 32 hex digits
 */
export function openSession(channel: Channel, role: Role, conversation: string, events: SessionEvents): Session {
  let state: SessionState = 'dialled'
  let lastSent = 0n
  let lastAcknowledged = 0n
  let lastReceived = 0n
  let lastReceipt = 0n
  let receiptScheduled = false
  let timer: NodeJS.Timeout | undefined
  let wakeSettled: (() => void)[] = []
  /** What closed() will say once both sides are done. */
  let outcome: ChatError | null = new ChatError('cut', 'the peer left before the conversation began')
  let sayClosed: () => void
  const over = new Promise<void>(resolve => {
    sayClosed = resolve
  })

  function expectWithin(milliseconds: number, error: ChatError): void {
    clearTimeout(timer)
    timer = setTimeout(() => channel.abort(error), milliseconds)
  }

  function enter(next: SessionState): void {
    clearTimeout(timer)
    state = next
    if (next === 'calling') {
      timer = setTimeout(() => void goodbye(new ChatError('no-answer', 'the call was not answered')), CALL_DEADLINE)
    }
    if (next === 'ringing') timer = setTimeout(() => void decline('declined'), CALL_DEADLINE)
    if (next === 'open') outcome = null
    if (next === 'leaving') expectLeave()
  }

  function expectLeave(): void {
    expectWithin(LEAVE_DEADLINE, new ChatError('timeout', 'no goodbye came back'))
  }

  function close(error: ChatError | null): void {
    if (state === 'closed') return
    enter('closed')
    wakeSettledWaiters()
    events.closed(error)
    sayClosed()
  }

  function wakeSettledWaiters(): void {
    for (const wake of wakeSettled.splice(0)) wake()
  }

  /** Ends our side. A channel that breaks meanwhile says so in receive(). */
  async function goodbye(why: ChatError | null): Promise<void> {
    if (state === 'closed' || state === 'leaving') return
    outcome = why
    await sendReceipt().catch(() => undefined)
    enter('leaving')
    await channel.close().catch(() => undefined)
  }

  async function decline(code: DeclineCode): Promise<void> {
    if (state !== 'ringing') throw new ChatError('no-conversation', 'nobody is calling')
    await channel.send(jsonMessage(DECLINE, { code })).catch(() => undefined)
    await goodbye(new ChatError(code, 'we did not take the call'))
  }

  function refuse(message: Message): never {
    throw new ChatError('unexpected-message', `type 0x${message.type.toString(16)} came while ${state}`)
  }

  async function take(message: Message): Promise<void> {
    if (message.type === ERROR) throw readError(message.body).error
    if (state === 'leaving') expectLeave()
    switch (message.type) {
      case CALL:
        if (role === 'initiator' || state !== 'dialled') refuse(message)
        readJson(callSchema, message.body)
        enter('ringing')
        return events.ringing()
      case ACCEPT:
        if (state !== 'calling') refuse(message)
        readJson(acceptSchema, message.body)
        enter('open')
        return events.opened()
      case DECLINE:
        if (state !== 'calling') refuse(message)
        throw declined(readJson(declineSchema, message.body).code)
      case TEXT:
        if (state !== 'open' && state !== 'leaving') refuse(message)
        return takeText(message)
      case RECEIPT:
        if (state !== 'open' && state !== 'leaving') refuse(message)
        return takeReceipt(readReceipt(message.body))
      default:
        refuse(message)
    }
  }

  async function takeText(message: Message): Promise<void> {
    const { id, text } = readText(message.body)
    if (id !== lastReceived + 1n) throw new ChatError('bad-message', `text ${id} came after text ${lastReceived}`)
    lastReceived = id
    await events.text(id, text)
    scheduleReceipt()
  }

  /** One receipt for everything that was handed over in this turn. */
  function scheduleReceipt(): void {
    if (receiptScheduled) return
    receiptScheduled = true
    process.nextTick(() => {
      receiptScheduled = false
      sendReceipt().catch(() => undefined) // a channel that failed says so in receive()
    })
  }

  async function sendReceipt(): Promise<void> {
    if (state !== 'open' || lastReceipt === lastReceived) return
    lastReceipt = lastReceived
    await channel.send(receiptMessage(lastReceived))
  }

  function takeReceipt(id: bigint): void {
    if (id > lastSent || id < lastAcknowledged) {
      throw new ChatError('bad-message', `a receipt for text ${id}, where ${lastSent} were sent`)
    }
    while (lastAcknowledged < id) {
      lastAcknowledged += 1n
      events.delivered(lastAcknowledged)
    }
    if (lastAcknowledged === lastSent) wakeSettledWaiters()
  }

  async function run(): Promise<void> {
    try {
      if (role === 'initiator') {
        enter('calling')
        await channel.send(jsonMessage(CALL, { conversation }))
      } else {
        expectWithin(LEAVE_DEADLINE, new ChatError('timeout', 'the peer connected and did not call'))
      }
      for (let message = await channel.receive(); message !== null; message = await channel.receive()) {
        await take(message)
      }
      await sendReceipt()
      await conclude(channel, null)
      close(outcome)
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      // Nothing is owed to a peer that declined, reported an error itself, or is not there any more.
      void conclude(channel, tellable(error) ? error : null)
      close(error)
    }
  }

  void run()

  return {
    get state() {
      return state
    },
    get unacknowledged() {
      return Number(lastSent - lastAcknowledged)
    },
    async accept() {
      if (state !== 'ringing') throw new ChatError('no-conversation', 'nobody is calling')
      enter('open')
      await channel.send(jsonMessage(ACCEPT, { conversation }))
      events.opened()
    },
    decline,
    send(text) {
      if (state !== 'open') throw new ChatError('no-conversation', 'the conversation is not open')
      if (Buffer.byteLength(text) > TEXT_LIMIT)
        throw new ChatError('too-large', `a text has at most ${TEXT_LIMIT} bytes`)
      lastSent += 1n
      return { id: lastSent, room: channel.send(textMessage(lastSent, text)) }
    },
    async settled() {
      while (state === 'open' && lastAcknowledged < lastSent) {
        await new Promise<void>(resolve => wakeSettled.push(resolve))
      }
    },
    async leave() {
      await goodbye(null)
      await over
    },
  }
}

function declined(code: DeclineCode): ChatError {
  const why = { declined: 'the call was declined', busy: 'the peer is busy', crossed: 'both called at once' }
  return new ChatError(code, why[code])
}

/** Whether the peer should hear of it: it broke the rules of a conversation that still stands. */
function tellable(error: ChatError): boolean {
  return error.code === 'bad-message' || error.code === 'unexpected-message'
}
