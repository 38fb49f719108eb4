import type { ByteQueue } from './byte-queue.ts'

/** One packet of a capture file, as it was recorded. */
export interface Packet {
  /** Its place in the file, from 1, as Wireshark counts. */
  readonly number: number
  /** Nanoseconds since 1970; null where the file does not say. */
  readonly time: bigint | null
  /** The link-layer header type of its interface (the LINKTYPE_ registry of tcpdump.org). */
  readonly linkType: number
  /** What was kept of it, from the link-layer header on. */
  readonly bytes: Uint8Array
  /** How many bytes it had on the wire: more than `bytes` where the recorder cut it off. */
  readonly length: number
  /** Remarks in the file about this packet (pcapng's opt_comment); a key log may travel in them. */
  readonly comments: readonly string[]
}

/** A part of a capture file that could not be read. */
export interface Oddity {
  readonly what: string
  /** Number of the packet that it concerns, or that would have come next. */
  readonly packet: number
  /** The file ends there, in the middle of something. */
  readonly cutOff?: true
}

/** One entry of a capture file, in order. */
export type CaptureItem = Packet | Oddity

export type DeliverItem = (item: CaptureItem) => void

/**
 * The largest packet or block that is read, in bytes. tcpdump and Wireshark cut packets off at 262,144; beyond that a
 * length is garbage, or would fill the memory.
 */
export const MAX_PACKET_BYTES = 262_144

/** How to read the packets of one file format. */
export interface CaptureFormat {
  /** Takes everything from the queue that is complete. */
  read(queue: ByteQueue, deliver: DeliverItem): void
  /** Number of the packet that would come next. */
  readonly next: number
}
