import { contain } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { patience } from '@p2p-secure-chat/core/net/patience'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { type Conversation, nameText } from './conversation.ts'
import { RECEIPT, TEXT } from '../messages/conversation.ts'

/**
 * How long we wait for the next receipt before we believe that none will come, in milliseconds: well beyond the silence
 * after which a connection counts as lost, for then the texts go on over the next one.
 */
const RECEIPT_PATIENCE = 120_000

/** What is told about texts, in order. */
export interface TextEvents {
  /** A text came. It is acknowledged once the promise settles: then it was handed to the user. */
  text(id: string, text: string): Promise<void>
  /** The peer has this text of ours. */
  delivered(id: string): void
  /** So much waits for a receipt that nothing more is taken, and none has come for long. */
  stalled(): void
}

/** Texts and receipts of a conversation, over one of its connections, both ways. */
export interface TextExchange {
  /** Sends what the conversation keeps and this connection has not carried yet. */
  pass(): void
  /** @throws {ChatError} `bad-message` */
  take(message: Message): Promise<void> | void
  /** Sends the last receipt, and settles when the channel has all that was kept for sending. */
  finish(): Promise<void>
  /** Waits until everything sent is acknowledged, no receipt came for long, or the exchange is over. */
  settled(): Promise<void>
  /** Sends nothing more. */
  end(): void
}

/**
 * Begins as soon as the conversation is open on that connection.
 *
 * @param has the latest text of ours that the peer has already; it gets all that come after
 */
export function textExchange(
  channel: Channel,
  { id: ours, theirs, texts }: Conversation,
  has: bigint,
  events: TextEvents,
): TextExchange {
  /** `finishing`: the last receipt is sent. */
  let stage: 'open' | 'finishing' | 'over' = 'open'
  /** The last text of ours that went into this connection. */
  let passed = has
  let passing: Promise<void> | null = null
  const wait = patience()
  let waiting = false
  let receiptScheduled = false
  let onSettled: (() => void)[] = []

  function pass(): void {
    passing ??= passWaiting().finally(() => {
      passing = null
    })
    watchRoom()
  }

  /** One text after the other. What breaks the channel is told by its receive(). */
  async function passWaiting(): Promise<void> {
    try {
      while (passed < texts.sent && stage !== 'over') {
        passed += 1n
        await channel.send(TEXT.message({ id: passed, text: texts.text(passed) }))
      }
    } catch (thrown) {
      channel.abort(contain(thrown))
    }
  }

  /** A peer that acknowledges nothing any more must not make our user wait for ever. */
  function watchRoom(): void {
    if (!texts.full || stage === 'over' || waiting) return
    waiting = true
    wait.begin(RECEIPT_PATIENCE, events.stalled)
  }

  async function takeText(body: Uint8Array): Promise<void> {
    const { id, text } = TEXT.read(body)
    texts.receive(id)
    await events.text(nameText(theirs ?? '', id), text)
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
    const id = stage === 'open' ? texts.receipt() : null
    if (id !== null) void ignorable(channel.send(RECEIPT.message({ id })))
  }

  function takeReceipt(body: Uint8Array): void {
    const id = RECEIPT.read(body).id
    // What is kept and was not carried yet can not have arrived.
    if (id > passed) throw new ChatError('bad-message', `a receipt for text ${id}, where ${passed} were sent`)
    acknowledge(id)
    wait.end()
    waiting = false
    watchRoom()
  }

  function acknowledge(upTo: bigint): void {
    for (const acknowledged of texts.acknowledge(upTo)) events.delivered(nameText(ours, acknowledged))
    if (texts.unacknowledged === 0) wakeSettled()
  }

  function wakeSettled(): void {
    for (const wake of onSettled) wake()
    onSettled = []
  }

  if (has !== texts.acknowledged) acknowledge(has)

  return {
    pass,
    take: ({ type, body }) => (type === TEXT.type ? takeText(body) : takeReceipt(body)),
    async finish() {
      sendReceipt()
      if (stage === 'open') stage = 'finishing'
      await passing
    },
    async settled() {
      let before = Number.POSITIVE_INFINITY
      while (stage === 'open' && texts.unacknowledged > 0 && texts.unacknowledged < before) {
        before = texts.unacknowledged
        const settled = new Promise<void>(resolve => onSettled.push(resolve))
        await withDeadline(settled, RECEIPT_PATIENCE, 'a receipt').catch(() => undefined)
      }
    },
    end() {
      stage = 'over'
      wait.end()
      wakeSettled()
    },
  }
}
