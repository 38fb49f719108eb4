import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import type { Endpoint } from '@p2p-secure-chat/core/capture/tcp-segment'
export type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'

/** One TCP connection of a capture. */
export interface Connection {
  /** Its place in the capture, from 0, as Wireshark's tcp.stream counts. */
  readonly number: number
  /** Who dialled, as far as the capture shows: who sent the SYN, else a guess by the ports, else who spoke first. */
  readonly dialler: Endpoint
  readonly listener: Endpoint
  /** Whether its beginning is in the capture. */
  readonly whole: boolean
}

export function otherSide(side: Side): Side {
  return side === 'dialler' ? 'listener' : 'dialler'
}

/** Where in the capture something happened. */
export interface Moment {
  /** Number of the packet. */
  readonly packet: number
  /** Nanoseconds since 1970; null where the file does not say. */
  readonly time: bigint | null
}

/** What the packets of a capture say about its TCP connections, in order; the bytes of a side come without overlaps. */
export type StreamEvent =
  /** Comes before all else of a connection. */
  | { readonly kind: 'open'; readonly at: Moment; readonly connection: Connection }
  | {
      readonly kind: 'bytes'
      /** The packet that made these bytes available: the one that filled the hole, if they came out of order. */
      readonly at: Moment
      readonly connection: Connection
      readonly from: Side
      readonly bytes: Uint8Array
    }
  /** Bytes of this side are not in the capture; what follows stands behind them. */
  | {
      readonly kind: 'gap'
      readonly at: Moment
      readonly connection: Connection
      readonly from: Side
      readonly missing: number
    }
  | {
      readonly kind: 'end'
      readonly at: Moment
      readonly connection: Connection
      readonly from: Side
      readonly how: 'fin' | 'reset'
    }
  /** A packet, or a part of the file, that could not be understood. */
  | { readonly kind: 'odd'; readonly at: Moment; readonly what: string }

const SECOND = 1_000_000_000n

/** Seconds from `start` to `time` with that many digits after the point, truncated; `-` if a time is unknown. */
export function offsetText(time: bigint | null, start: bigint | null, digits: number): string {
  if (time === null || start === null) return '-'
  const apart = time < start ? start - time : time - start
  const fraction = String(apart % SECOND)
    .padStart(9, '0')
    .slice(0, digits)
  return `${time < start ? '-' : ''}${apart / SECOND}.${fraction}`
}

/** A time as ISO 8601 with nanoseconds; null where it is not known, or no year with four digits. */
export function isoTime(time: bigint | null): string | null {
  if (time === null) return null
  const seconds = time / SECOND - (time % SECOND < 0n ? 1n : 0n)
  const date = new Date(Number(seconds) * 1_000)
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9_999 || date.getUTCFullYear() < 0) return null
  return `${date.toISOString().slice(0, -5)}.${String(time - seconds * SECOND).padStart(9, '0')}Z`
}
