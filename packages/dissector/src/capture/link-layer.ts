import type { Packet } from './capture-item.ts'

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

const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd }

/** IEEE 802.1Q, 802.1ad, and what was used before that standard: four more bytes, then the type once more. */
const VLAN_TAGS = [0x8100, 0x88a8, 0x9100]

/** Families of addresses as the systems that write this header number them (Linux, BSDs, macOS). */
const FAMILY = { ipv4: [2], ipv6: [10, 24, 28, 30] }

const PPP = { ipv4: 0x0021, ipv6: 0x0057 }

type Protocol = NetworkPacket['protocol']

/** Where a network packet begins in a frame and what it is; null when it is something else. */
type Layer = (frame: DataView) => { protocol: Protocol; at: number } | null

/** An EtherType at a place, behind any VLAN tags. */
function byEtherType(frame: DataView, typeAt: number, contentAt: number) {
  let at = contentAt
  let type = frame.getUint16(typeAt)
  while (VLAN_TAGS.includes(type)) {
    type = frame.getUint16(at + 2)
    at += 4
  }
  if (type === ETHERTYPE.ipv4) return { protocol: 'ipv4' as const, at }
  return type === ETHERTYPE.ipv6 ? { protocol: 'ipv6' as const, at } : null
}

const ethernet: Layer = frame => byEtherType(frame, 12, 14)
const linuxCooked: Layer = frame => byEtherType(frame, 14, 16)
const linuxCooked2: Layer = frame => byEtherType(frame, 0, 20)

const loopback: Layer = frame => {
  // In the byte order of the machine that recorded it; a family is a small number.
  const family = Math.min(frame.getUint32(0), frame.getUint32(0, true))
  if (FAMILY.ipv4.includes(family)) return { protocol: 'ipv4', at: 4 }
  return FAMILY.ipv6.includes(family) ? { protocol: 'ipv6', at: 4 } : null
}

const raw: Layer = frame => {
  const version = frame.getUint8(0) >> 4
  if (version === 4) return { protocol: 'ipv4', at: 0 }
  return version === 6 ? { protocol: 'ipv6', at: 0 } : null
}

const ppp: Layer = frame => {
  // Address and control of HDLC framing may be left out (RFC 1661 section 6.6).
  const at = frame.getUint16(0) === 0xff03 ? 2 : 0
  const protocol = frame.getUint16(at)
  if (protocol === PPP.ipv4) return { protocol: 'ipv4', at: at + 2 }
  return protocol === PPP.ipv6 ? { protocol: 'ipv6', at: at + 2 } : null
}

/** By the LINKTYPE_ registry of tcpdump.org; some numbers of old files mean the same. */
const LAYERS: ReadonlyMap<number, Layer> = new Map([
  [0, loopback],
  [1, ethernet],
  [9, ppp],
  [12, raw],
  [14, raw],
  [101, raw],
  [108, loopback],
  [113, linuxCooked],
  [228, () => ({ protocol: 'ipv4', at: 0 })],
  [229, () => ({ protocol: 'ipv6', at: 0 })],
  [276, linuxCooked2],
])

export function isKnownLinkType(linkType: number): boolean {
  return LAYERS.has(linkType)
}

/**
 * The IP packet in a packet of a capture.
 *
 * @returns null for everything that is not IP, and for link types that are not known
 */
export function networkPacketOf(packet: Packet): NetworkPacket | Odd | null {
  const { bytes, length } = packet
  const layer = LAYERS.get(packet.linkType)
  if (layer === undefined) return null
  let found: ReturnType<Layer>
  try {
    found = layer(new DataView(bytes.buffer, bytes.byteOffset, bytes.length))
  } catch (error) {
    if (error instanceof RangeError) return { odd: 'cut off in its link-layer header' }
    throw error
  }
  if (found === null) return null
  return { protocol: found.protocol, bytes: bytes.subarray(found.at), length: length - found.at }
}
