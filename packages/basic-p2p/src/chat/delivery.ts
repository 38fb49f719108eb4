import { ChatError } from '@p2p-secure-chat/core/errors'

/** Bytes of texts that may wait for a receipt before whoever writes them has to wait. */
const WINDOW = 2 ** 20

/** Bytes at which a text is refused, where somebody writes without waiting. */
const WAITING_LIMIT = 8 * WINDOW

/** What keeping a text costs beyond its own bytes, roughly: many short ones must count as well. */
const TEXT_COST = 64

/**
 * What became of the texts of one conversation, which count 1, 2, 3, ... in each direction. Texts of ours are kept until
 * the peer has acknowledged them, whatever happens to the connection.
 */
export interface Delivery {
  /** Keeps the next text of ours under its id. @throws {ChatError} `too-many` when far too many wait for a receipt */
  send(text: string): bigint
  /** The id of the latest text of ours; 0 before the first. */
  readonly sent: bigint
  /** The latest text of ours that the peer is known to have; 0 before the first. */
  readonly acknowledged: bigint
  /** A text of ours that is not acknowledged yet. @throws {RangeError} for any other id */
  text(id: bigint): string
  /** How many of ours the peer has not acknowledged. */
  readonly unacknowledged: number
  /** Whether so much waits for a receipt that no more should be written. */
  readonly full: boolean
  /** Settles when it is not full any more, or has ended. */
  room(): Promise<void>
  /**
   * Takes a receipt, which stands for every text up to that id.
   *
   * @returns what it acknowledges for the first time
   * @throws {ChatError} `bad-message` when no such text was sent, or it says nothing new
   */
  acknowledge(id: bigint): bigint[]
  /** Takes the id of a text that came. @throws {ChatError} `bad-message` when it is not the next */
  receive(id: bigint): void
  /** Notes that the user has that text: only now may it be acknowledged. */
  handOver(id: bigint): void
  /** The id that a receipt should say now; null when there is nothing new to acknowledge. Each is given once. */
  receipt(): bigint | null
  /** The latest text that the user has, for a peer that connects again; it counts as a receipt. */
  report(): bigint
  /** Nothing more is sent or received: nobody waits for room any longer. */
  end(): void
}

/** Keeps count in both directions. Nothing was sent and nothing received yet. */
export function delivery(): Delivery {
  const kept = new Map<bigint, { readonly text: string; readonly cost: number }>()
  let cost = 0
  let sent = 0n
  let acknowledged = 0n
  let received = 0n
  let handedOver = 0n
  let receipted = 0n
  let ended = false
  let onRoom: (() => void)[] = []

  const isFull = () => cost > WINDOW && !ended

  function wake(): void {
    if (isFull()) return
    for (const resolve of onRoom) resolve()
    onRoom = []
  }

  return {
    send(text) {
      const added = Buffer.byteLength(text) + TEXT_COST
      if (cost + added > WAITING_LIMIT) throw new ChatError('too-many', 'too many texts wait for a receipt')
      cost += added
      sent += 1n
      kept.set(sent, { text, cost: added })
      return sent
    },
    get sent() {
      return sent
    },
    get acknowledged() {
      return acknowledged
    },
    text(id) {
      const found = kept.get(id)
      if (found === undefined) throw new RangeError(`text ${id} is not kept`)
      return found.text
    },
    get unacknowledged() {
      return kept.size
    },
    get full() {
      return isFull()
    },
    room: () => (isFull() ? new Promise(resolve => onRoom.push(resolve)) : Promise.resolve()),
    acknowledge(id) {
      if (id > sent || id <= acknowledged)
        throw new ChatError('bad-message', `a receipt for text ${id}, where ${sent} were sent`)
      const ids: bigint[] = []
      while (acknowledged < id) {
        acknowledged += 1n
        cost -= kept.get(acknowledged)?.cost ?? 0
        kept.delete(acknowledged)
        ids.push(acknowledged)
      }
      wake()
      return ids
    },
    receive(id) {
      if (id !== received + 1n) throw new ChatError('bad-message', `text ${id} came after text ${received}`)
      received = id
    },
    handOver(id) {
      handedOver = id
    },
    receipt() {
      if (receipted === handedOver) return null
      receipted = handedOver
      return receipted
    },
    report() {
      receipted = handedOver
      return receipted
    },
    end() {
      ended = true
      wake()
    },
  }
}
