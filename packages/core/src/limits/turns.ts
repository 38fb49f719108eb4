import type { Channel } from '../wire/channel.ts'
import type { Message } from '../wire/frame.ts'

/** Shares one event loop among many. */
export interface Turns {
  /**
   * Somebody who takes turns.
   *
   * @param patient whether its work lets that of others go first where they were idle
   */
  join(patient?: boolean): WorkTurn
}

/** One of those who take turns. */
export interface WorkTurn {
  /**
   * Asks to begin a piece of work.
   *
   * @param cost of the work; it may be more than a turn, and the next ones are then paid with it
   * @returns nothing where the work may begin at once, else a promise that settles when it may
   */
  begin(cost: number): Promise<void> | undefined
  /** Adds to the cost of what was begun. */
  charge(cost: number): void
}

/** What is known of one who takes turns. */
interface Share {
  /** What they may still do in a round; below 0 they owe it to the next one. */
  left: number
  /** The round of which that is true. */
  round: number
}

interface Waiting {
  readonly share: Share
  readonly cost: number
  go(): void
}

/**
 * Deficit round robin (Shreedhar and Varghese, 1996): in each round everyone may do work of one `quantum`, and the event
 * loop has a turn after that much work of anyone. A client that has not used up its share of the round goes before all
 * that have, as the new flows of FQ-CoDel (RFC 8290, section 4.2), so that a single request waits for one turn of another at
 * most. A share is given once in a round, however it is used, so that small batches gain nothing. Alone, one is never
 * slowed down: a round that nobody else takes part in ends at once.
 *
 * @param quantum what one may do in a round, in the unit of the costs
 * @param nextTurn calls back when the event loop has had its turn
 */
export function turns(quantum: number, nextTurn: (go: () => void) => void = setImmediate): Turns {
  let round = 0
  /** What may still begin before the event loop has its turn. */
  let left = quantum
  let scheduled = false
  /** Those with a share of this round left, then those whose round it is, then those who wait for the next one. */
  const idle: Waiting[] = []
  let queue: Waiting[] = []
  let later: Waiting[] = []

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    nextTurn(tick)
  }

  function tick(): void {
    scheduled = false
    left = quantum
    const next = nextWaiting()
    if (next === undefined) {
      round += 1
      return
    }
    charge(next.share, next.cost)
    next.go()
  }

  function nextWaiting(): Waiting | undefined {
    for (;;) {
      const next = idle.shift() ?? queue.shift()
      if (next === undefined) {
        if (later.length === 0) return undefined
        round += 1
        queue = later
        later = []
      } else if (owes(next.share)) {
        later.push(next)
      } else {
        return next
      }
    }
  }

  function owes(share: Share): boolean {
    share.left = Math.min(quantum, share.left + (round - share.round) * quantum)
    share.round = round
    return share.left <= 0
  }

  function charge(share: Share, cost: number): void {
    share.left -= cost
    left -= cost
    schedule()
  }

  function begin(share: Share, patient: boolean, cost: number): Promise<void> | undefined {
    const waiting = owes(share) ? later : patient ? queue : idle
    if (left > 0 && waiting !== later) {
      charge(share, cost)
      return undefined
    }
    schedule()
    return new Promise(go => waiting.push({ share, cost, go }))
  }

  function join(patient = false): WorkTurn {
    const share = { left: quantum, round }
    return {
      begin: cost => begin(share, patient, cost),
      charge: cost => charge(share, cost),
    }
  }

  return { join }
}

/**
 * A channel whose messages are handed over in turn: each is work that its sender chose.
 *
 * @param costOf what it costs to handle a message; what is sent costs its bytes
 */
export function withTurns(channel: Channel, turn: WorkTurn, costOf: (message: Message) => number): Channel {
  /** A message whose turn has not come yet. */
  let held: Promise<Message> | null = null

  function inTurn(message: Message | null): Message | null | Promise<Message> {
    const wait = message === null ? undefined : turn.begin(costOf(message))
    return message === null || wait === undefined ? message : wait.then(() => message)
  }

  function poll(): Message | undefined {
    const message = held === null ? channel.poll() : undefined
    if (message === undefined) return undefined
    const wait = turn.begin(costOf(message))
    if (wait === undefined) return message
    held = wait.then(() => message)
    return undefined
  }

  function receive(): Promise<Message | null> {
    const waiting = held
    held = null
    return waiting ?? channel.receive().then(inTurn)
  }

  return {
    ...channel,
    poll,
    receive,
    send(message) {
      turn.charge(message.body.length)
      return channel.send(message)
    },
  }
}

/** How long a reader may go on, in milliseconds: nobody notices that a key is echoed that much later. */
const SLICE = 10

/** Readers whose slice is over, in the order in which they came. */
const waiting: (() => void)[] = []

function serveNext(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(serveNext)
}

/**
 * Shares the event loop among the readers of what others send. Messages that have arrived already never make their reader
 * wait, so without this a peer that sends many would keep keys, timers and all other connections waiting.
 *
 * @returns what the reader awaits before it acts on a message: nothing within its slice of time, else a promise that settles
 * in a later turn of the event loop, one reader a turn, first come, first served
 */
export function timeSlices(): () => Promise<void> | undefined {
  let end = performance.now() + SLICE
  return () => {
    if (performance.now() < end) return undefined
    return new Promise(resolve => {
      waiting.push(() => {
        end = performance.now() + SLICE
        resolve()
      })
      if (waiting.length === 1) setImmediate(serveNext)
    })
  }
}
