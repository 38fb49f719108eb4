import { type Endpoint, type SegmentWriter, segmentWriter } from './tcp-segment.ts'

export type Side = 'dialler' | 'listener'

/** Segments on their way before the other side acknowledges them: half of what the window of a header allows. */
const SEGMENTS_UNACKNOWLEDGED = 22

export interface TcpConversationOptions {
  readonly ends: Readonly<Record<Side, Endpoint>>
  /** Numbers of the two SYNs: from 0 to 2^32 - 1, any that the same two ends have not used lately. */
  readonly first: Readonly<Record<Side, number>>
  /** Gets each packet, from its IP header on. */
  readonly deliver: (packet: Uint8Array) => void
}

/** Packets of one TCP connection, made of nothing but what its sockets were given and gave. */
export interface TcpConversation {
  /** A side says something; nothing after its own end or a reset. */
  say(from: Side, bytes: Uint8Array): void
  /** A side ends its direction; the second time it does nothing. */
  end(from: Side): void
  /** A side breaks the connection off; nothing follows. */
  reset(from: Side): void
}

interface Speaker {
  readonly segments: SegmentWriter
  /** Number of the next byte, which wraps around in the header alone. */
  next: number
  ended: boolean
}

/**
 * Makes up packets that carry a connection as two sockets saw it: the three of its beginning at once, then segments as
 * large as Ethernet allows, each taken at once by the other side. Nothing is lost, repeated or out of order here,
 * whatever happened on the wire.
 *
 * @throws {RangeError} when the ends have no IP addresses, or of different versions
 */
export function tcpConversation({ ends, first, deliver }: TcpConversationOptions): TcpConversation {
  const speaker = (side: Side): Speaker => ({
    segments: segmentWriter({ source: ends[side], destination: ends[other(side)] }),
    next: first[side],
    ended: false,
  })
  const speakers: Record<Side, Speaker> = { dialler: speaker('dialler'), listener: speaker('listener') }
  let broken = false

  function emit(from: Side, flags: readonly ('SYN' | 'FIN' | 'RST' | 'PSH')[], payload?: Uint8Array): void {
    const { segments, next } = speakers[from]
    const knowsOther = from === 'listener' || !flags.includes('SYN')
    deliver(
      segments.write({
        sequence: next,
        acknowledgment: knowsOther ? speakers[other(from)].next : null,
        flags,
        ...(payload === undefined ? {} : { payload }),
      }),
    )
    // SYN and FIN take a number each, as if they were a byte.
    const numbers = (payload?.length ?? 0) + flags.filter(flag => flag === 'SYN' || flag === 'FIN').length
    speakers[from].next = next + numbers
  }

  emit('dialler', ['SYN'])
  emit('listener', ['SYN'])
  emit('dialler', [])

  return {
    say(from, bytes) {
      const { segments, ended } = speakers[from]
      if (broken || ended) return
      const size = segments.largestPayload
      for (let at = 0, count = 1; at < bytes.length; at += size, count++) {
        const last = at + size >= bytes.length
        emit(from, last ? ['PSH'] : [], bytes.subarray(at, at + size))
        if (last || count % SEGMENTS_UNACKNOWLEDGED === 0) emit(other(from), [])
      }
    },
    end(from) {
      if (broken || speakers[from].ended) return
      speakers[from].ended = true
      emit(from, ['FIN'])
      emit(other(from), [])
    },
    reset(from) {
      if (broken) return
      broken = true
      emit(from, ['RST'])
    },
  }
}

function other(side: Side): Side {
  return side === 'dialler' ? 'listener' : 'dialler'
}
