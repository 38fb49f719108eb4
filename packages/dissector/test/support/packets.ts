import type { Segment } from '../../src/capture/segment.ts'

/** A segment as a test writes it: from alice to bob unless it says otherwise. */
export interface Made extends Partial<Omit<Segment, 'payload' | 'missing'>> {
  readonly payload?: Uint8Array
}

export const ALICE = { host: '10.0.0.2', port: 40_000 }
export const BOB = { host: '10.0.0.3', port: 10_001 }

export const bytesOf = (...numbers: readonly number[]) => Uint8Array.from(numbers)
export const u16 = (value: number) => bytesOf(value >>> 8, value)
const u32 = (value: number) => bytesOf(value >>> 24, value >>> 16, value >>> 8, value)

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** A TCP segment (RFC 9293 section 3.1) without a checksum. */
export function tcp(made: Made, options: Uint8Array = new Uint8Array(0)): Uint8Array {
  const { source = ALICE, destination = BOB, sequence = 0, acknowledgment = 0, payload = new Uint8Array(0) } = made
  const flags = Number(made.fin) | (Number(made.syn) << 1) | (Number(made.rst) << 2) | (Number(made.ack) << 4)
  const header = joined(
    u16(source.port),
    u16(destination.port),
    u32(sequence),
    u32(acknowledgment),
    bytesOf((5 + options.length / 4) << 4, flags),
    u16(65_535),
    u32(0),
    options,
  )
  return joined(header, payload)
}

const inAddr = (host: string) => Uint8Array.from(host.split('.'), Number)

/** What an IPv4 header may say besides the truth. */
export interface Ipv4Options {
  readonly total?: number
  readonly fragment?: number
  readonly options?: Uint8Array
  readonly protocol?: number
}

/** An IPv4 packet (RFC 791 section 3.1) without a checksum. */
export function ipv4(made: Made, content = tcp(made), said: Ipv4Options = {}): Uint8Array {
  const { source = ALICE, destination = BOB } = made
  const { options = new Uint8Array(0), fragment = 0, protocol = 6 } = said
  const header = 20 + options.length
  return joined(
    bytesOf(0x40 | (header / 4), 0),
    u16(said.total ?? header + content.length),
    u16(0),
    u16(fragment),
    bytesOf(64, protocol, 0, 0),
    inAddr(source.host),
    inAddr(destination.host),
    options,
    content,
  )
}

/** An IPv6 packet (RFC 8200 section 3) between two addresses of 16 bytes. */
export function ipv6(
  from: Uint8Array,
  to: Uint8Array,
  content: Uint8Array,
  next = 6,
  length = content.length,
): Uint8Array {
  return joined(bytesOf(0x60, 0, 0, 0), u16(length), bytesOf(next, 64), from, to, content)
}

/** Frames around an IP packet, by their number in the LINKTYPE_ registry. */
export const FRAMES: Readonly<Record<number, (packet: Uint8Array) => Uint8Array>> = {
  0: packet => joined(bytesOf(version(packet) === 4 ? 2 : 30, 0, 0, 0), packet),
  1: packet => joined(new Uint8Array(12), u16(etherType(packet)), packet),
  9: packet => joined(bytesOf(0xff, 0x03), u16(version(packet) === 4 ? 0x21 : 0x57), packet),
  12: packet => packet,
  14: packet => packet,
  101: packet => packet,
  108: packet => joined(u32(version(packet) === 4 ? 2 : 24), packet),
  113: packet => joined(new Uint8Array(14), u16(etherType(packet)), packet),
  228: packet => packet,
  229: packet => packet,
  276: packet => joined(u16(etherType(packet)), new Uint8Array(18), packet),
}

const version = (packet: Uint8Array) => (packet[0] ?? 0) >> 4
const etherType = (packet: Uint8Array) => (version(packet) === 4 ? 0x0800 : 0x86dd)
