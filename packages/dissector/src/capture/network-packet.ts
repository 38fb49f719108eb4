/** What is inside a link-layer frame: an IP packet, or part of one. */
export interface NetworkPacket {
  readonly protocol: 'ipv4' | 'ipv6'
  /** What was kept of it, from its header on; a link layer's padding may follow it. */
  readonly bytes: Uint8Array
  /** How many bytes it had on the wire. */
  readonly length: number
}

/** Why something could not be understood. */
export interface Odd {
  readonly odd: string
}
