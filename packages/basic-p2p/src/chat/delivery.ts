import { ChatError } from '@p2p-secure-chat/core/errors'

/** Bytes of texts that may wait for a receipt before their writer has to wait. */
const WINDOW = 2 ** 20

/** Bytes of waiting texts at which a writer that does not wait is refused. */
const WAITING_LIMIT = 8 * WINDOW

/** What it roughly costs to keep a text beyond its own bytes: many short ones must count as well. */
const TEXT_COST = 64

/**
 * Tracks the texts of one conversation, numbered 1, 2, 3, ... in each direction. Texts of ours are kept until the peer
 * has acknowledged them, whatever happens to the connection.
 */
export class Delivery {
  readonly #kept = new Map<bigint, { readonly text: string; readonly cost: number }>()
  #cost = 0
  #sent = 0n
  #acknowledged = 0n
  #received = 0n
  #handedOver = 0n
  #receipted = 0n
  #ended = false
  #onRoom: (() => void)[] = []

  /** The id of the latest text of ours; 0 before the first. */
  get sent(): bigint {
    return this.#sent
  }

  /** The latest text of ours that the peer is known to have; 0 before the first. */
  get acknowledged(): bigint {
    return this.#acknowledged
  }

  /** How many of ours the peer has not acknowledged. */
  get unacknowledged(): number {
    return this.#kept.size
  }

  /** Whether so much waits for a receipt that no more should be written. */
  get full(): boolean {
    return this.#cost > WINDOW && !this.#ended
  }

  /** Keeps the next text of ours under its id. @throws {ChatError} `too-many` when far too many wait for a receipt */
  send(text: string): bigint {
    const cost = Buffer.byteLength(text) + TEXT_COST
    if (this.#cost + cost > WAITING_LIMIT) throw new ChatError('too-many', 'too many texts wait for a receipt')
    this.#cost += cost
    this.#sent += 1n
    this.#kept.set(this.#sent, { text, cost })
    return this.#sent
  }

  /** A text of ours that is not acknowledged yet. @throws {RangeError} for any other id */
  text(id: bigint): string {
    const found = this.#kept.get(id)
    if (found === undefined) throw new RangeError(`text ${id} is not kept`)
    return found.text
  }

  /** Settles when it is no longer full, or has ended. */
  room(): Promise<void> {
    return this.full ? new Promise(resolve => this.#onRoom.push(resolve)) : Promise.resolve()
  }

  /**
   * Handles a receipt, which stands for every text up to that id.
   *
   * @returns the ids that it acknowledges for the first time
   * @throws {ChatError} `bad-message` when no such text was sent, or it says nothing new
   */
  acknowledge(id: bigint): bigint[] {
    if (id > this.#sent || id <= this.#acknowledged)
      throw new ChatError('bad-message', `a receipt for text ${id}, where ${this.#sent} were sent`)
    const ids: bigint[] = []
    while (this.#acknowledged < id) {
      this.#acknowledged += 1n
      this.#cost -= this.#kept.get(this.#acknowledged)?.cost ?? 0
      this.#kept.delete(this.#acknowledged)
      ids.push(this.#acknowledged)
    }
    this.#wake()
    return ids
  }

  /** Notes the id of a text that came. @throws {ChatError} `bad-message` when it is not the next */
  receive(id: bigint): void {
    if (id !== this.#received + 1n) {
      throw new ChatError('bad-message', `text ${id} came after text ${this.#received}`)
    }
    this.#received = id
  }

  /** Notes that our user has that text: only now may it be acknowledged. */
  handOver(id: bigint): void {
    this.#handedOver = id
  }

  /** The id for a receipt; null when there is nothing new to acknowledge. Each id is returned once. */
  receipt(): bigint | null {
    return this.#receipted === this.#handedOver ? null : this.report()
  }

  /** The latest text that our user has, for a peer that reconnects; it counts as a receipt. */
  report(): bigint {
    this.#receipted = this.#handedOver
    return this.#receipted
  }

  /** Nothing more is sent or received, and nobody waits for room any longer. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  #wake(): void {
    if (this.full) return
    for (const resolve of this.#onRoom) resolve()
    this.#onRoom = []
  }
}
