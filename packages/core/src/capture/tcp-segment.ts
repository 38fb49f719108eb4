/** One end of a TCP connection. */
export interface Endpoint {
  /** An IP address. */
  readonly host: string
  readonly port: number
}

/** The two ends of a segment, both of the same version of IP. */
export interface TcpPath {
  readonly source: Endpoint
  readonly destination: Endpoint
}

export interface SegmentFields {
  /** Number of the first byte of the payload, or of the SYN or FIN; taken modulo 2^32. */
  readonly sequence: number
  /** Number of the next byte that the sender expects; null before it knows one. */
  readonly acknowledgment: number | null
  readonly flags?: readonly ('SYN' | 'FIN' | 'RST' | 'PSH')[]
  readonly payload?: Uint8Array
}

/** What Ethernet carries in one piece, in bytes: a segment takes what IP and TCP leave of it. */
const MTU = 1_500

const TCP_HEADER = 20
const MSS_OPTION = 4

const FLAGS = { FIN: 1, SYN: 2, RST: 4, PSH: 8 } as const
const ACK = 16

/** The number of TCP in IP (the registry of protocol numbers at IANA). */
const TCP = 6

/** What most systems write into a packet that they send. */
const HOP_LIMIT = 64

/** The largest that needs no option, in bytes. */
const WINDOW = 65_535

/** Makes the segments that go one way: complete IP packets, with checksums that are right. */
export interface SegmentWriter {
  /** Most bytes of payload in a segment. */
  readonly largestPayload: number
  write(fields: SegmentFields): Uint8Array
}

/**
 * Writes TCP segments (RFC 9293, section 3.1) in packets of IPv4 (RFC 791) or IPv6 (RFC 8200).
 *
 * @throws {RangeError} when the ends have no IP addresses, or of different versions
 */
export function segmentWriter({ source, destination }: TcpPath): SegmentWriter {
  const [from, to] = [ipBytes(source.host), ipBytes(destination.host)]
  if (from.length !== to.length)
    throw new RangeError(`${source.host} and ${destination.host} are of different versions`)
  const ip = from.length === 4 ? v4Header : v6Header
  const largestPayload = MTU - ip.bytes - TCP_HEADER
  const addresses = Buffer.concat([from, to])
  let identification = 0

  return {
    largestPayload,
    write({ sequence, acknowledgment, flags = [], payload = new Uint8Array() }) {
      const headerBytes = TCP_HEADER + (flags.includes('SYN') ? MSS_OPTION : 0)
      const packet = Buffer.alloc(ip.bytes + headerBytes + payload.length)
      ip.write(packet, addresses, identification)
      identification = (identification + 1) & 0xffff

      const tcp = packet.subarray(ip.bytes)
      tcp.writeUInt16BE(source.port, 0)
      tcp.writeUInt16BE(destination.port, 2)
      tcp.writeUInt32BE(sequence >>> 0, 4)
      tcp.writeUInt32BE((acknowledgment ?? 0) >>> 0, 8)
      tcp.writeUInt8((headerBytes / 4) << 4, 12)
      tcp.writeUInt8(
        flags.reduce((bits, flag) => bits | FLAGS[flag], acknowledgment === null ? 0 : ACK),
        13,
      )
      tcp.writeUInt16BE(WINDOW, 14)
      if (headerBytes > TCP_HEADER) tcp.writeUInt32BE(0x0204_0000 | largestPayload, TCP_HEADER)
      tcp.set(payload, headerBytes)
      // The addresses, the protocol and the length stand in front of what is summed up (RFC 9293, section 3.1).
      tcp.writeUInt16BE(checksum(tcp, sumOf(addresses) + TCP + tcp.length), 16)
      return packet
    },
  }
}

interface IpHeader {
  readonly bytes: number
  write(packet: Buffer, addresses: Uint8Array, identification: number): void
}

const v4Header: IpHeader = {
  bytes: 20,
  write(packet, addresses, identification) {
    packet.writeUInt8(0x45, 0)
    packet.writeUInt16BE(packet.length, 2)
    packet.writeUInt16BE(identification, 4)
    // Not to be taken apart on the way.
    packet.writeUInt16BE(0x4000, 6)
    packet.writeUInt8(HOP_LIMIT, 8)
    packet.writeUInt8(TCP, 9)
    packet.set(addresses, 12)
    packet.writeUInt16BE(checksum(packet.subarray(0, 20)), 10)
  },
}

const v6Header: IpHeader = {
  bytes: 40,
  write(packet, addresses) {
    packet.writeUInt8(0x60, 0)
    packet.writeUInt16BE(packet.length - 40, 4)
    packet.writeUInt8(TCP, 6)
    packet.writeUInt8(HOP_LIMIT, 7)
    packet.set(addresses, 8)
  },
}

/** The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words. */
function checksum(bytes: Uint8Array, start = 0): number {
  let sum = start + sumOf(bytes)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** A packet of 64 KiB has 32,768 words, whose sum still fits into 31 bits. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0
  for (let i = 0; i + 1 < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)
  return bytes.length % 2 === 0 ? sum : sum + ((bytes.at(-1) ?? 0) << 8)
}

/**
 * The bytes of an IP address in its usual spelling (RFC 4291, section 2.2, for IPv6): 4 or 16 of them. A zone behind
 * `%` is no part of the address.
 *
 * @throws {RangeError} for anything else
 */
export function ipBytes(host: string): Uint8Array {
  const [address = ''] = host.split('%')
  const bytes = address.includes(':') ? v6Bytes(address) : v4Bytes(address)
  if (bytes === null) throw new RangeError(`${JSON.stringify(host)} is no IP address`)
  return bytes
}

function v4Bytes(address: string): Uint8Array | null {
  const parts = address.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null
  return Uint8Array.from(parts, Number)
}

function v6Bytes(address: string): Uint8Array | null {
  const halves = address.split('::')
  const [front = [], back = []] = halves.map(half => (half === '' ? [] : half.split(':').map(groupBytes)))
  const known = [...front, ...back]
  if (halves.length > 2 || known.includes(null)) return null
  const bytes = (groups: readonly (Uint8Array | null)[]) => groups.flatMap(group => [...(group ?? [])])
  const missing = 16 - bytes(known).length
  if (halves.length === 2 ? missing < 0 : missing !== 0) return null
  return Uint8Array.from([...bytes(front), ...Array<number>(missing).fill(0), ...bytes(back)])
}

/** Two bytes in hex; the last four bytes may be written as an IPv4 address. */
function groupBytes(group: string): Uint8Array | null {
  if (group.includes('.')) return v4Bytes(group)
  if (!/^[0-9a-f]{1,4}$/i.test(group)) return null
  const value = Number.parseInt(group, 16)
  return Uint8Array.of(value >> 8, value & 0xff)
}
