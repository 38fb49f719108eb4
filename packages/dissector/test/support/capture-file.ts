import { ALICE, BOB, FRAMES, ipv4, joined, type Made } from './packets.ts'

/** A packet to be written. */
export interface Recorded {
  readonly bytes: Uint8Array
  /** Nanoseconds since 1970. */
  readonly time?: bigint
  /** How long it was on the wire, if more. */
  readonly length?: number
  readonly comments?: readonly string[]
  readonly from?: number
}

type ByteOrder = 'little' | 'big'

/** Numbers of 16 and 32 bits in one byte order. */
function numbers(order: ByteOrder) {
  const little = order === 'little'
  const made = (size: number, write: (view: DataView) => void): Uint8Array => {
    const bytes = new Uint8Array(size)
    write(new DataView(bytes.buffer))
    return bytes
  }
  return {
    u16: (value: number) => made(2, view => view.setUint16(0, value, little)),
    u32: (value: number) => made(4, view => view.setUint32(0, value, little)),
    i64: (value: bigint) => made(8, view => view.setBigInt64(0, value, little)),
  }
}

const TIME = 1_700_000_000_123_456_789n
const SECOND = 1_000_000_000n

interface PcapOptions {
  readonly order?: ByteOrder
  readonly kind?: 'micro' | 'nano' | 'modified'
  readonly linkType?: number
}

/** A pcap file. */
export function pcapFile(packets: readonly Recorded[], options: PcapOptions = {}): Uint8Array {
  const { order = 'little', kind = 'micro', linkType = 1 } = options
  const { u16, u32 } = numbers(order)
  const magic = { micro: 0xa1b2c3d4, nano: 0xa1b23c4d, modified: 0xa1b2cd34 }[kind]
  const parts = [u32(magic), u16(2), u16(4), u32(0), u32(0), u32(262_144), u32(linkType)]
  for (const packet of packets) parts.push(pcapRecord(packet, { order, kind }))
  return joined(...parts)
}

/** One packet of a pcap file. */
export function pcapRecord(
  { bytes, time = TIME, length = bytes.length }: Recorded,
  { order = 'little', kind = 'micro' }: PcapOptions = {},
): Uint8Array {
  const { u32 } = numbers(order)
  const fraction = Number((time % SECOND) / (kind === 'nano' ? 1n : 1_000n))
  const header = [u32(Number(time / SECOND)), u32(fraction), u32(bytes.length), u32(length)]
  return joined(...header, ...(kind === 'modified' ? [new Uint8Array(8)] : []), bytes)
}

/** Writes the blocks of pcapng files in one byte order. */
export function pcapngBlocks(order: ByteOrder = 'little') {
  const { u16, u32, i64 } = numbers(order)
  const padded = (bytes: Uint8Array): Uint8Array => joined(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4))
  const option = (code: number, value: Uint8Array) => joined(u16(code), u16(value.length), padded(value))
  const options = (list: readonly Uint8Array[]) => (list.length === 0 ? [] : [...list, u32(0)])
  const block = (type: number, ...content: readonly Uint8Array[]) => {
    const body = padded(joined(...content))
    return joined(u32(type), u32(body.length + 12), body, u32(body.length + 12))
  }
  const header = ({ bytes, time = TIME, length = bytes.length }: Recorded, unit: bigint) => {
    const units = time / unit
    return [u32(Number(units >> 32n)), u32(Number(units & 0xffff_ffffn)), u32(bytes.length), u32(length)]
  }
  const comments = ({ comments: list = [] }: Recorded) => options(list.map(text => option(1, Buffer.from(text))))
  return {
    block,
    section: () => block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), i64(-1n)),
    interface: (linkType: number, { resolution = 9, offset = 0n, snapLength = 0 } = {}) =>
      block(
        1,
        u16(linkType),
        u16(0),
        u32(snapLength),
        ...options([option(9, Uint8Array.of(resolution)), option(14, i64(offset))]),
      ),
    packet: (packet: Recorded, unit = 1n) =>
      block(6, u32(packet.from ?? 0), ...header(packet, unit), padded(packet.bytes), ...comments(packet)),
    oldPacket: (packet: Recorded, unit = 1n) =>
      block(2, u16(packet.from ?? 0), u16(0), ...header(packet, unit), padded(packet.bytes), ...comments(packet)),
    simplePacket: ({ bytes, length = bytes.length }: Recorded) => block(3, u32(length), bytes),
  }
}

/** A pcapng file with one interface. */
export function pcapngFile(packets: readonly Recorded[], options: Omit<PcapOptions, 'kind'> = {}) {
  const write = pcapngBlocks(options.order)
  return joined(write.section(), write.interface(options.linkType ?? 1), ...packets.map(packet => write.packet(packet)))
}

/** What one side of a connection sent in one segment. */
export interface Sent {
  readonly from: 'dialler' | 'listener'
  readonly bytes: Uint8Array
}

/** A pcap file of whole TCP connections, one after the other, alice calling bob from one port after the other. */
export function recorded(...connections: readonly (readonly Sent[])[]): Uint8Array {
  const packets = connections.flatMap((sent, number) => packetsOf(sent, ALICE.port + number))
  const ethernet = FRAMES[1] ?? (packet => packet)
  return pcapFile(packets.map(made => ({ bytes: ethernet(ipv4(made)) })))
}

function packetsOf(sent: readonly Sent[], port: number): Made[] {
  const alice = { ...ALICE, port }
  const at = { dialler: 1_000, listener: 2_000 }

  function segment(from: Sent['from'], rest: Made): Made {
    const to = from === 'dialler' ? 'listener' : 'dialler'
    const ends = from === 'dialler' ? { source: alice, destination: BOB } : { source: BOB, destination: alice }
    const made = { ...ends, sequence: at[from], acknowledgment: at[to], ack: true, ...rest }
    at[from] += rest.syn === true || rest.fin === true ? 1 : (rest.payload?.length ?? 0)
    return made
  }

  return [
    segment('dialler', { syn: true, ack: false }),
    segment('listener', { syn: true }),
    segment('dialler', {}),
    ...sent.map(({ from, bytes }) => segment(from, { payload: bytes })),
    segment('dialler', { fin: true }),
    segment('listener', { fin: true }),
    segment('dialler', {}),
  ]
}
