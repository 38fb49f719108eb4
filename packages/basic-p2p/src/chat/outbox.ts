import { contain, ignorable } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { patience } from '@p2p-secure-chat/core/net/patience'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { Delivery } from './delivery.ts'
import { RECEIPT, TEXT, TEXT_LIMIT } from '../messages/conversation.ts'

/**
 * How long we wait for the next receipt before we give up, in milliseconds: well beyond the silence after which a
 * connection counts as lost, because then the texts continue over the next one.
 */
const RECEIPT_PATIENCE = 120_000

/** Bytes of texts that may be on their way to our user before the peer has to wait, and what each costs besides its own. */
const UNSHOWN_ROOM = 64 * 1_024
const TEXT_OVERHEAD = 64

/** The connection that carries a conversation now. */
export interface Carrier {
  /** Whether it still takes messages of ours. */
  readonly carries: boolean
  /** Settles when there is room for more. @throws {ChatError} what ended the connection */
  send(message: Message): Promise<void>
  /** Ends the connection alone. */
  abort(error: ChatError): void
  /** Says goodbye and ends the conversation: we cannot go on. */
  giveUp(error: ChatError): void
  /** Ends the connection and the conversation: the peer is late. @param what did not happen, for people */
  timeOut(what: string): void
}

/** Hears about texts, in order. */
export interface OutboxEvents {
  /** A text came. It is acknowledged once the promise settles: our user has it then. */
  text(id: string, text: string): Promise<void>
  /** The peer has this text of ours. */
  delivered(id: string): void
}

/** A text of ours that was not acknowledged. */
export interface UndeliveredText {
  readonly id: string
  readonly text: string
}

/** A text's name among all texts of all conversations, the same on both sides; 64 of the random bits are enough. */
export function nameText(conversation: string, id: bigint): string {
  return `${conversation.slice(0, 16)}-${id}`
}

/** Texts and receipts of one conversation, both ways, over one connection after the other. */
export class Outbox {
  readonly #ours: string
  readonly #theirs: string
  readonly #events: OutboxEvents
  readonly #texts = new Delivery()
  /** Null between two connections, and after the last one. */
  #carrier: Carrier | null = null
  /** Whether we have said goodbye on this connection: no receipt may follow it. */
  #finishing = false
  /** The last text of ours that went into the current connection. */
  #carried = 0n
  #isSending = false
  #sending: Promise<void> = Promise.resolve()
  #receiptDue = false
  /** Bytes of texts that came and are still on their way to our user, and when the latest of them is there. */
  #unshown = 0
  #shown: Promise<void> = Promise.resolve()
  readonly #wait = patience()
  #waiting = false
  #onSettled: (() => void)[] = []

  /** @param ours our id of the conversation, 32 hex digits; texts of ours are named after it @param theirs the peer's */
  constructor(ours: string, theirs: string, events: OutboxEvents) {
    this.#ours = ours
    this.#theirs = theirs
    this.#events = events
  }

  /** How many texts of ours the peer has not acknowledged. */
  get unacknowledged(): number {
    return this.#texts.unacknowledged
  }

  /** The id of the latest text that the peer has acknowledged. */
  get acknowledged(): bigint {
    return this.#texts.acknowledged
  }

  /** @returns the first texts of ours that the peer has not acknowledged, at most `most` of them */
  firstUnacknowledged(most: number): UndeliveredText[] {
    const count = Math.min(most, this.#texts.unacknowledged)
    return Array.from({ length: count }, (_, index) => {
      const next = this.#texts.acknowledged + 1n + BigInt(index)
      return { id: nameText(this.#ours, next), text: this.#texts.text(next) }
    })
  }

  /**
   * Queues a text for the peer, who gets it over this connection or the next.
   *
   * @returns its name, which nobody else's text has
   * @throws {ChatError} `too-large`, `too-many`
   */
  say(text: string): string {
    if (Buffer.byteLength(text) > TEXT_LIMIT) throw new ChatError('too-large', `a text has at most ${TEXT_LIMIT} bytes`)
    const id = this.#texts.send(text)
    this.pass()
    return nameText(this.#ours, id)
  }

  /** Settles when there is room for more, or nothing can be sent any more. */
  room(): Promise<void> {
    return this.#texts.room()
  }

  /** The latest text of the peer that our user has, for CALL and ACCEPT; it counts as a receipt. */
  report(): bigint {
    return this.#texts.report()
  }

  /** Whether a peer that reconnects can have received that many texts of ours. */
  canHave(received: bigint): boolean {
    return this.#texts.acknowledged <= received && received <= this.#texts.sent
  }

  /**
   * Continues over that connection; pass() sends what is kept.
   *
   * @param received the latest text of ours that the peer has; it gets all later ones
   * @throws {ChatError} `bad-message` when the peer cannot have it
   */
  connect(carrier: Carrier, received = 0n): void {
    if (received !== this.#texts.acknowledged) this.#acknowledge(received)
    this.#carrier = carrier
    this.#finishing = false
    this.#carried = received
    this.#isSending = false
  }

  /** The connection is gone. */
  disconnect(): void {
    this.#carrier = null
    this.#stopWaiting()
    this.#wakeSettled()
  }

  /** The conversation is over: nothing more is sent, and nobody waits for room any longer. */
  end(): void {
    this.disconnect()
    this.#texts.end()
  }

  /** Sends everything that is kept and has not gone into this connection yet. */
  pass(): void {
    const carrier = this.#carrier
    if (carrier === null) return
    if (!this.#isSending) this.#sending = this.#sendTo(carrier)
    this.#watchReceipts()
  }

  /** Handles TEXT or RECEIPT; settles when the next one may come. @throws {ChatError} `bad-message` */
  take({ type, body }: Message): Promise<void> | void {
    return type === TEXT.type ? this.#handleText(body) : this.#handleReceipt(body)
  }

  /** Settles when our user has every text that was taken. Never rejects. */
  handedOver(): Promise<void> {
    return this.#shown
  }

  /** Sends the last receipt, and settles when the connection has everything that was waiting to be sent. */
  async finish(): Promise<void> {
    this.#sendReceipt()
    this.#finishing = true
    await this.#sending
  }

  /** Waits until everything is acknowledged, no receipt has come for long, or the connection is gone. */
  async settled(): Promise<void> {
    const carrier = this.#carrier
    let before = Number.POSITIVE_INFINITY
    while (this.#carrier === carrier && carrier !== null && this.unacknowledged > 0 && this.unacknowledged < before) {
      before = this.unacknowledged
      const settled = new Promise<void>(resolve => this.#onSettled.push(resolve))
      await withDeadline(settled, RECEIPT_PATIENCE, 'a receipt').catch(() => undefined)
    }
  }

  /** Sends one text after the other. If the connection breaks, its reader reports why. */
  async #sendTo(carrier: Carrier): Promise<void> {
    this.#isSending = true
    try {
      while (this.#carrier === carrier && carrier.carries && this.#carried < this.#texts.sent) {
        this.#carried += 1n
        await carrier.send(TEXT.message({ id: this.#carried, text: this.#texts.text(this.#carried) }))
      }
    } catch (thrown) {
      carrier.abort(contain(thrown))
    }
    if (this.#carrier === carrier) this.#isSending = false
  }

  /** Does not wait for each text: output that takes many at once is far faster. */
  #handleText(body: Uint8Array): Promise<void> | void {
    const { id, text } = TEXT.read(body)
    this.#texts.receive(id)
    const cost = body.length + TEXT_OVERHEAD
    this.#unshown += cost
    this.#shown = this.#events.text(nameText(this.#theirs, id), text).then(
      () => {
        this.#unshown -= cost
        this.#texts.handOver(id)
        this.#receiptLater()
      },
      (thrown: unknown) => this.#carrier?.giveUp(contain(thrown)),
    )
    return this.#unshown > UNSHOWN_ROOM ? this.#shown : undefined
  }

  #receiptLater(): void {
    // One receipt for all texts of this turn of the event loop: each is a record of its own on the wire.
    if (this.#receiptDue) return
    this.#receiptDue = true
    setImmediate(() => {
      this.#receiptDue = false
      this.#sendReceipt()
    })
  }

  #sendReceipt(): void {
    const carrier = this.#carrier
    if (carrier === null || this.#finishing) return
    const id = this.#texts.receipt()
    if (id !== null) void ignorable(carrier.send(RECEIPT.message({ id })))
  }

  #handleReceipt(body: Uint8Array): void {
    const id = RECEIPT.read(body).id
    // A text that was not sent yet cannot have arrived.
    if (id > this.#carried) {
      throw new ChatError('bad-message', `a receipt for text ${id}, where ${this.#carried} were sent`)
    }
    this.#acknowledge(id)
    this.#stopWaiting()
    this.#watchReceipts()
  }

  #acknowledge(upTo: bigint): void {
    for (const id of this.#texts.acknowledge(upTo)) this.#events.delivered(nameText(this.#ours, id))
    if (this.unacknowledged === 0) this.#wakeSettled()
  }

  /** A peer that stops acknowledging must not make our user wait for ever. */
  #watchReceipts(): void {
    const carrier = this.#carrier
    if (!this.#texts.full || carrier === null || this.#waiting) return
    this.#waiting = true
    this.#wait.begin(RECEIPT_PATIENCE, () => carrier.timeOut('the peer acknowledges nothing'))
  }

  #stopWaiting(): void {
    this.#waiting = false
    this.#wait.end()
  }

  #wakeSettled(): void {
    for (const wake of this.#onSettled) wake()
    this.#onSettled = []
  }
}
