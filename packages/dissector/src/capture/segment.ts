/** One end of a TCP connection. */
export interface Endpoint {
  /** The IP address in its usual spelling: `10.0.0.2`, `fd00::2`. */
  readonly host: string
  readonly port: number
}

/** One TCP segment of a packet (RFC 9293 section 3.1). */
export interface Segment {
  readonly source: Endpoint
  readonly destination: Endpoint
  /** Number of the first byte of the payload, 32 bits, or of the SYN. */
  readonly sequence: number
  readonly acknowledgment: number
  readonly syn: boolean
  readonly ack: boolean
  readonly fin: boolean
  readonly rst: boolean
  readonly payload: Uint8Array
  /** Bytes of the payload that the recorder cut off at its end. */
  readonly missing: number
}
