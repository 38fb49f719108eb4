import type { Endpoint } from '@p2p-secure-chat/core/capture/tcp-segment'
import type { Packet } from './capture-item.ts'
import { transportPacketOf } from './ip-layer.ts'
import { networkPacketOf, type Odd } from './link-layer.ts'

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

const HEADER_BYTES = 20

/** Bits of the flags (RFC 9293 section 3.1). */
const FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 }

/**
 * The TCP segment in a packet of a capture. Checksums are not looked at: where the network card computes them, a
 * recording on the sending machine has none.
 *
 * @returns null for everything that is not TCP over IP, and for link types that are not known
 */
export function segmentOf(packet: Packet): Segment | Odd | null {
  const network = networkPacketOf(packet)
  if (network === null || 'odd' in network) return network
  const transport = transportPacketOf(network)
  if (transport === null || 'odd' in transport) return transport
  const { source, destination, bytes, length } = transport
  if (bytes.length < HEADER_BYTES) return { odd: 'cut off in its TCP header' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const header = 4 * (view.getUint8(12) >> 4)
  if (header < HEADER_BYTES || header > length) return { odd: `a TCP header of ${header} bytes` }
  const flags = view.getUint8(13)
  const payload = bytes.subarray(header)
  return {
    source: { host: source, port: view.getUint16(0) },
    destination: { host: destination, port: view.getUint16(2) },
    sequence: view.getUint32(4),
    acknowledgment: view.getUint32(8),
    syn: (flags & FLAG.syn) !== 0,
    ack: (flags & FLAG.ack) !== 0,
    fin: (flags & FLAG.fin) !== 0,
    rst: (flags & FLAG.rst) !== 0,
    payload,
    missing: length - header - payload.length,
  }
}
