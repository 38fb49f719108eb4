import { ChatError } from '@p2p-secure-chat/core/errors'

/** What became of the texts of one conversation, which count 1, 2, 3, ... in each direction. */
export interface Delivery {
  /** Gives the next text of ours its id. */
  send(): bigint
  /** How many of ours the peer has not acknowledged. */
  readonly unacknowledged: number
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
}

/** Keeps count in both directions. Nothing was sent and nothing received yet. */
export function delivery(): Delivery {
  let sent = 0n
  let acknowledged = 0n
  let received = 0n
  let handedOver = 0n
  let receipted = 0n

  return {
    send: () => ++sent,
    get unacknowledged() {
      return Number(sent - acknowledged)
    },
    acknowledge(id) {
      if (id > sent || id <= acknowledged)
        throw new ChatError('bad-message', `a receipt for text ${id}, where ${sent} were sent`)
      const ids: bigint[] = []
      while (acknowledged < id) ids.push(++acknowledged)
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
  }
}
