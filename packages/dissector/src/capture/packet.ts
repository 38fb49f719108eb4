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
