import type { Segment } from './segment.ts'
import type { Connection, Moment, Side, StreamEvent } from './stream-event.ts'

/**
 * How much of one direction waits behind a hole, in bytes and with the cost of each piece: some times what a connection
 * has under way on a good network. Then whatever is missing is not going to come.
 */
export const MAX_AHEAD = 2_097_152

/** The same for all connections of a capture together. */
const MAX_AHEAD_OF_ALL = 33_554_432

/** What a piece costs besides its bytes, so that many tiny ones count as well. */
const PIECE_COST = 256

export type DeliverEvent = (event: StreamEvent) => void

/** What waits behind holes in all directions of a capture, as MAX_AHEAD counts. */
export interface Waiting {
  cost: number
}

/**
 * One direction of a TCP connection, whose segments may be lost, doubled, cut into other pieces and out of order. It
 * thinks in positions, which count from the first byte and never wrap around as sequence numbers do.
 */
export interface Direction {
  /** Sequence number of its first byte; null: nothing of it was seen yet. */
  readonly first: number | null
  /** Whether its FIN was seen, though maybe not all bytes before it. */
  readonly closing: boolean
  readonly ended: boolean
  /** Says where its bytes begin, if that is not known yet. */
  begin(first: number): void
  /** One of its segments. */
  take(segment: Segment, at: Moment, deliver: DeliverEvent): void
  /** The other side has everything before this sequence number, so holes before it are ours alone. */
  acknowledge(sequence: number, at: Moment, deliver: DeliverEvent): void
  /**
   * Whether a reset under this sequence number is one that the other side would obey: it has the very number that is due
   * there (RFC 9293 section 3.10.7.4). With another one in the window anybody could guess it, and the connection goes on.
   */
  believes(sequence: number): boolean
  /** Gives out what still waits: nothing else comes. */
  flush(at: Moment, deliver: DeliverEvent): void
  /** The same, and it is over, unless it was before. */
  reset(at: Moment, deliver: DeliverEvent): void
}

/** Bytes that stand at a position; those beyond `bytes` up to `length` were cut off by the recorder. */
interface Piece {
  readonly position: number
  readonly bytes: Uint8Array
  readonly length: number
}

export function direction(connection: Connection, from: Side, waiting: Waiting): Direction {
  let first: number | null = null
  /** Everything before this position was given out. */
  let next = 0
  let acknowledged = 0
  let finPosition: number | null = null
  let ended = false
  /** In order, without overlaps, all beyond `next`. */
  const pieces: Piece[] = []
  let cost = 0

  // A sequence number means the position nearest to where we are (RFC 9293 section 3.4).
  const positionOf = (sequence: number) => next + ((sequence - (first ?? sequence) - next) | 0)

  function give({ bytes, length }: Piece, at: Moment, deliver: DeliverEvent): void {
    next += length
    if (bytes.length > 0) deliver({ kind: 'bytes', at, connection, from, bytes })
    if (length > bytes.length) deliver({ kind: 'gap', at, connection, from, missing: length - bytes.length })
  }

  function account(change: number): void {
    cost += change
    waiting.cost += change
  }

  /** Gives out or keeps what is new of a piece: where it overlaps another one, the bytes that came first stay. */
  function add(piece: Piece, at: Moment, deliver: DeliverEvent): void {
    const end = Math.min(piece.position + piece.length, finPosition ?? Number.POSITIVE_INFINITY)
    let position = Math.max(piece.position, next)
    const part = (to: number): Piece => {
      const bytes = piece.bytes.subarray(position - piece.position, to - piece.position)
      return { position, bytes, length: to - position }
    }
    let i = 0
    if (pieces.length > 0 && position >= endOf(pieces.at(-1))) i = pieces.length
    while (position < end) {
      const other = pieces[i]
      if (other !== undefined && endOf(other) <= position) {
        i += 1
        continue
      }
      const to = Math.min(end, other?.position ?? end)
      if (position < to) {
        const fresh = part(to)
        if (position === next) {
          give(fresh, at, deliver)
        } else {
          // A copy: the chunk that it is a view of may be much larger.
          pieces.splice(i, 0, { ...fresh, bytes: new Uint8Array(fresh.bytes) })
          account(fresh.bytes.length + PIECE_COST)
          i += 1
        }
      }
      position = Math.max(to, other === undefined ? to : endOf(other))
    }
  }

  function settle(at: Moment, deliver: DeliverEvent, all = false): void {
    for (;;) {
      const reached = pieces[0]?.position ?? finPosition ?? next
      if (reached > next) {
        const tooMuch = cost > MAX_AHEAD || (cost > 0 && waiting.cost > MAX_AHEAD_OF_ALL)
        if (!all && !tooMuch && acknowledged < reached) return
        deliver({ kind: 'gap', at, connection, from, missing: reached - next })
        next = reached
      }
      const piece = pieces.shift()
      if (piece === undefined) break
      account(-piece.bytes.length - PIECE_COST)
      give(piece, at, deliver)
    }
    if (finPosition === next) end('fin', at, deliver)
  }

  function end(how: 'fin' | 'reset', at: Moment, deliver: DeliverEvent): void {
    if (ended) return
    ended = true
    deliver({ kind: 'end', at, connection, from, how })
  }

  function flush(at: Moment, deliver: DeliverEvent): void {
    if (!ended) settle(at, deliver, true)
  }

  return {
    get first() {
      return first
    },
    get closing() {
      return finPosition !== null
    },
    get ended() {
      return ended
    },
    begin(sequence) {
      first ??= sequence
    },
    take({ sequence, syn, fin, payload, missing }, at, deliver) {
      const length = payload.length + missing
      const begin = syn ? (sequence + 1) >>> 0 : sequence
      // A lone ACK says little: one that asks whether the other side still lives has the number before the next.
      if (syn || fin || length > 0) first ??= begin
      if (ended || first === null) return
      const position = positionOf(begin)
      add({ position, bytes: payload, length }, at, deliver)
      const close = position + length
      // One that lies before bytes of this side was forged.
      if (fin && close >= next && close >= endOf(pieces.at(-1)) && close < (finPosition ?? Number.POSITIVE_INFINITY)) {
        finPosition = close
      }
      settle(at, deliver)
    },
    acknowledge(sequence, at, deliver) {
      if (first === null || ended) return
      acknowledged = Math.max(acknowledged, positionOf(sequence))
      settle(at, deliver)
    },
    believes(sequence) {
      if (first === null) return true
      const position = positionOf(sequence)
      const ends = [acknowledged, next, endOf(pieces.at(-1)), (finPosition ?? next) + 1]
      return position >= acknowledged && ends.includes(position)
    },
    flush,
    reset(at, deliver) {
      flush(at, deliver)
      end('reset', at, deliver)
    },
  }
}

function endOf(piece: Piece | undefined): number {
  return piece === undefined ? 0 : piece.position + piece.length
}
