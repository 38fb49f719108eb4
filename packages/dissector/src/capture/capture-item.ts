import type { Packet } from './packet.ts'

/** A part of a capture file that could not be read. */
export interface Oddity {
  readonly what: string
  /** Number of the packet that it concerns, or that would have come next. */
  readonly packet: number
  /** The file ends there, in the middle of something. */
  readonly cutOff?: true
}

/** What stands in a capture file, in order. */
export type CaptureItem = Packet | Oddity

export type DeliverItem = (item: CaptureItem) => void

/**
 * The largest packet or block that is read, in bytes. tcpdump and Wireshark cut packets off at 262,144; beyond that a
 * length is garbage, or would fill the memory.
 */
export const MAX_PACKET_BYTES = 262_144
