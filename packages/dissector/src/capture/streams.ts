import type { Packet } from './capture-item.ts'
import { type DeliverEvent, type Direction, direction, type Waiting } from './direction.ts'
import { isKnownLinkType } from './link-layer.ts'
import type { Endpoint } from '@p2p-secure-chat/core/capture/tcp-segment'
import { type Segment, segmentOf } from './segment.ts'
import { type Connection, type Moment, otherSide, type Side } from './stream-event.ts'

/** Connections to keep in mind: a busy day of a classroom. Of more than these the ones that are over go first. */
export const MAX_CONNECTIONS = 4_096

/**
 * Where systems begin to hand out ports to those who dial (Linux: 32,768, others later), so the side with a lower one
 * listens.
 */
const FIRST_EPHEMERAL_PORT = 32_768

/** Puts the packets of a capture together to TCP connections. */
export interface Streams {
  /** @param deliver called at once, also with bytes that waited for this packet */
  push(packet: Packet, deliver: DeliverEvent): void
  /** The capture is over: what waits behind holes is given out. Connections that go on have no `end`. */
  end(deliver: DeliverEvent): void
}

interface Tracked {
  readonly connection: Connection
  readonly directions: Readonly<Record<Side, Direction>>
}

/**
 * Reassembles every TCP connection of a capture (RFC 9293). Bytes that were sent twice are given out once, and the first
 * to come count; what came out of order waits. Numbers of connections are those of Wireshark, unless there are more
 * connections than can be kept in mind: one that was forgotten starts again, in mid-stream.
 */
export function streams(): Streams {
  /** Those in use, the one that was silent longest first; and those that are over. */
  const inUse = new Map<string, Tracked>()
  const over = new Map<string, Tracked>()
  const waiting: Waiting = { cost: 0 }
  const strangeLinkTypes = new Set<number>()
  let opened = 0
  let now: Moment = { packet: 0, time: null }

  function open(key: string, segment: Segment, deliver: DeliverEvent): Tracked {
    if (inUse.size + over.size >= MAX_CONNECTIONS) forget(deliver)
    const connection: Connection = { number: opened, whole: segment.syn, ...roles(segment) }
    opened += 1
    const tracked = {
      connection,
      directions: {
        dialler: direction(connection, 'dialler', waiting),
        listener: direction(connection, 'listener', waiting),
      },
    }
    inUse.set(key, tracked)
    deliver({ kind: 'open', at: now, connection })
    return tracked
  }

  function flush({ directions }: Tracked, deliver: DeliverEvent): void {
    directions.dialler.flush(now, deliver)
    directions.listener.flush(now, deliver)
  }

  function forget(deliver: DeliverEvent): void {
    for (const table of [over, inUse]) {
      for (const [key, tracked] of table) {
        table.delete(key)
        flush(tracked, deliver)
        return
      }
    }
  }

  function find(key: string, segment: Segment, deliver: DeliverEvent): Tracked {
    const tracked = inUse.get(key) ?? over.get(key)
    if (tracked === undefined) return open(key, segment, deliver)
    if (!beginsAnew(tracked, segment)) return tracked
    flush(tracked, deliver)
    inUse.delete(key)
    over.delete(key)
    return open(key, segment, deliver)
  }

  function take(tracked: Tracked, segment: Segment, deliver: DeliverEvent): void {
    const { connection, directions } = tracked
    const side: Side = isSame(segment.source, connection.dialler) ? 'dialler' : 'listener'
    const [own, other] = [directions[side], directions[otherSide(side)]]
    if (segment.ack) {
      // Where a SYN is missing in the capture, the first answer to it says where the bytes behind it begin.
      if (connection.whole) other.begin(segment.acknowledgment)
      other.acknowledge(segment.acknowledgment, now, deliver)
    }
    if (!segment.rst) return own.take(segment, now, deliver)
    if (!own.believes(segment.sequence)) {
      return deliver({ kind: 'odd', at: now, what: 'a reset that does not fit into its connection: nobody obeys it' })
    }
    own.reset(now, deliver)
    other.reset(now, deliver)
  }

  return {
    push(packet, deliver) {
      now = { packet: packet.number, time: packet.time }
      if (!isKnownLinkType(packet.linkType) && !strangeLinkTypes.has(packet.linkType)) {
        strangeLinkTypes.add(packet.linkType)
        deliver({ kind: 'odd', at: now, what: `packets of link-layer type ${packet.linkType} are not read` })
      }
      const segment = segmentOf(packet)
      if (segment === null) return
      if ('odd' in segment) return deliver({ kind: 'odd', at: now, what: segment.odd })
      const key = keyOf(segment)
      const tracked = find(key, segment, deliver)
      take(tracked, segment, deliver)
      const { dialler, listener } = tracked.directions
      // Behind all others: it was silent for the shortest time.
      inUse.delete(key)
      if (dialler.ended && listener.ended) over.set(key, tracked)
      else inUse.set(key, tracked)
    },
    end(deliver) {
      const inOrder = [...inUse.values()].sort((a, b) => a.connection.number - b.connection.number)
      for (const tracked of inOrder) flush(tracked, deliver)
    },
  }
}

/** The same for both directions of a connection. */
function keyOf({ source, destination }: Segment): string {
  const ends = [`${source.host} ${source.port}`, `${destination.host} ${destination.port}`]
  return ends.sort().join(' ')
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.host === b.host
}

/** Whether a segment is a SYN that cannot belong to the connection that has its addresses and ports. */
function beginsAnew({ connection, directions }: Tracked, { source, sequence, syn, ack }: Segment): boolean {
  const own = directions[isSame(source, connection.dialler) ? 'dialler' : 'listener']
  if (!syn || ack || own.first === null) return false
  const over = Object.values(directions).some(({ closing, ended }) => closing || ended)
  return over || own.first !== (sequence + 1) >>> 0
}

/** Who dialled: who sent the SYN; else who, by the ports, does not listen; else who spoke first. */
function roles({ source, destination, syn, ack }: Segment): Pick<Connection, 'dialler' | 'listener'> {
  const listens = source.port < FIRST_EPHEMERAL_PORT && source.port < destination.port
  if (syn ? ack : listens) return { dialler: destination, listener: source }
  return { dialler: source, listener: destination }
}
