import type { NetworkPacket, Odd } from './link-layer.ts'

/** Protocol numbers (IANA), which are also the numbers of IPv6 extension headers. */
const TCP = 6
const FRAGMENT = 44
const AUTHENTICATION = 51

/** IPv6 headers that say themselves how long they are: hop-by-hop options, routing, destination options. */
const EXTENSIONS = [0, 43, 60, AUTHENTICATION]

/** The TCP part of an IP packet. */
export interface TransportPacket {
  readonly source: string
  readonly destination: string
  /** What was kept of it, from the TCP header on. */
  readonly bytes: Uint8Array
  /** How many bytes it had on the wire. */
  readonly length: number
}

/** @returns null for everything that is not TCP */
export function transportPacketOf(packet: NetworkPacket): TransportPacket | Odd | null {
  return packet.protocol === 'ipv4' ? ipv4(packet) : ipv6(packet)
}

/** RFC 791 section 3.1. */
function ipv4({ bytes, length }: NetworkPacket): TransportPacket | Odd | null {
  if (bytes.length < 20) return { odd: 'cut off in its IPv4 header' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const header = 4 * (view.getUint8(0) & 0x0f)
  if (view.getUint8(0) >> 4 !== 4 || header < 20) return { odd: 'no IPv4 header where one should be' }
  if (view.getUint8(9) !== TCP) return null
  // More fragments follow, or some came before.
  if ((view.getUint16(6) & 0x3fff) !== 0) return { odd: 'a fragment of an IP packet' }
  // The length is 0 where a packet was recorded before the network card cut it into pieces.
  const total = view.getUint16(2) || length
  if (total < header) return { odd: 'an IPv4 packet shorter than its header' }
  return {
    source: ipv4Text(bytes.subarray(12, 16)),
    destination: ipv4Text(bytes.subarray(16, 20)),
    ...content(bytes, header, Math.min(total, length)),
  }
}

/** RFC 8200 sections 3 and 4. */
function ipv6({ bytes, length }: NetworkPacket): TransportPacket | Odd | null {
  if (bytes.length < 40) return { odd: 'cut off in its IPv6 header' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint8(0) >> 4 !== 6) return { odd: 'no IPv6 header where one should be' }
  let next = view.getUint8(6)
  let at = 40
  while (next === FRAGMENT || EXTENSIONS.includes(next)) {
    if (at + 8 > bytes.length) return { odd: 'cut off in its IPv6 headers' }
    const header = next
    next = view.getUint8(at)
    if (header === FRAGMENT) {
      // A fragment that is the whole packet may say so (RFC 6946).
      if ((view.getUint16(at + 2) & 0xfff9) !== 0) return next === TCP ? { odd: 'a fragment of an IP packet' } : null
      at += 8
    } else {
      const units = view.getUint8(at + 1)
      at += header === AUTHENTICATION ? 4 * (units + 2) : 8 * (units + 1)
    }
  }
  if (next !== TCP) return null
  const total = view.getUint16(4) === 0 ? length : 40 + view.getUint16(4)
  if (total < at) return { odd: 'an IPv6 packet shorter than its headers' }
  return {
    source: ipv6Text(bytes.subarray(8, 24)),
    destination: ipv6Text(bytes.subarray(24, 40)),
    ...content(bytes, at, Math.min(total, length)),
  }
}

function content(bytes: Uint8Array, from: number, to: number): Pick<TransportPacket, 'bytes' | 'length'> {
  return { bytes: bytes.subarray(from, to), length: Math.max(0, to - from) }
}

const IPV6_GROUPS = 8

/** Groups before an IPv4 address that travels in IPv6 (RFC 4291 section 2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0xffff]

/** @param bytes the 4 bytes of an address */
export function ipv4Text(bytes: Uint8Array): string {
  return bytes.join('.')
}

/**
 * The one recommended spelling of an IPv6 address (RFC 5952 section 4).
 *
 * @param bytes the 16 bytes of an address
 */
export function ipv6Text(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 2 * IPV6_GROUPS)
  const groups = Array.from({ length: IPV6_GROUPS }, (_, i) => view.getUint16(2 * i))
  if (MAPPED.every((group, i) => groups[i] === group)) return `::ffff:${ipv4Text(bytes.subarray(12))}`

  // The first of the longest runs of zeros, if it has two or more.
  let zeros = { from: 0, length: 1 }
  for (let from = 0; from < IPV6_GROUPS; from++) {
    let length = 0
    while (groups[from + length] === 0) length += 1
    if (length > zeros.length) zeros = { from, length }
  }
  const hex = (part: readonly number[]) => part.map(group => group.toString(16)).join(':')
  if (zeros.length === 1) return hex(groups)
  return `${hex(groups.slice(0, zeros.from))}::${hex(groups.slice(zeros.from + zeros.length))}`
}
