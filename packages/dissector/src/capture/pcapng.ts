import type { ByteQueue } from './byte-queue.ts'
import { type CaptureFormat, type DeliverItem, MAX_PACKET_BYTES } from './capture-item.ts'

/** Block types (draft-ietf-opsawg-pcapng section 4). All others say nothing about packets. */
const BLOCK = { section: 0x0a0d0d0a, interface: 1, oldPacket: 2, simplePacket: 3, packet: 6 }

/** Bytes of a block around its content: type and length before it, the length once more behind it. */
const FRAME_BYTES = 12

/** The bytes from which a section says its byte order. */
const BYTE_ORDER_MAGIC = 0x1a2b3c4d

/** A packet of the largest size and its options, mostly comments. */
const MAX_BLOCK_BYTES = 2 * MAX_PACKET_BYTES

/** No machine has as many, so more of them are an attempt to fill the memory. */
const MAX_INTERFACES = 4_096

interface Interface {
  readonly linkType: number
  /** Most bytes kept of a packet; 0: no limit. */
  readonly snapLength: number
  readonly timestamps: Timestamps
}

/** So many bytes show for certain that a file is pcapng. */
export const PCAPNG_MAGIC_BYTES = FRAME_BYTES

/** Whether these bytes, four at least, are the beginning of a pcapng file as far as they go. */
export function isPcapng(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  // It reads the same in both byte orders.
  if (view.getUint32(0) !== BLOCK.section) return false
  return bytes.length < PCAPNG_MAGIC_BYTES || byteOrderOf(view) !== null
}

/** The byte order of the section that begins here. */
function byteOrderOf(section: DataView): 'little' | 'big' | null {
  if (section.getUint32(8, true) === BYTE_ORDER_MAGIC) return 'little'
  return section.getUint32(8) === BYTE_ORDER_MAGIC ? 'big' : null
}

/**
 * The format that Wireshark writes (draft-ietf-opsawg-pcapng): several sections, each in its byte order, many
 * interfaces, packets in all three kinds of blocks. Blocks of other kinds are passed over, whatever their size.
 */
export function pcapng(): CaptureFormat {
  let little = true
  let interfaces: Interface[] = []
  let next = 1
  let lost = false

  /** Takes one block. Returns false when it has not come yet; throws the reason why no block can be told here. */
  function readBlock(queue: ByteQueue, deliver: DeliverItem): boolean {
    const head = queue.peek(FRAME_BYTES)
    if (head === null) return false
    const view = new DataView(head.buffer, head.byteOffset, FRAME_BYTES)
    if (view.getUint32(0) === BLOCK.section) {
      const byteOrder = byteOrderOf(view)
      if (byteOrder === null) throw new Unreadable('a section in no byte order')
      little = byteOrder === 'little'
    }
    const type = view.getUint32(0, little)
    const length = view.getUint32(4, little)
    if (length < FRAME_BYTES || length % 4 !== 0) throw new Unreadable(`a block of ${length} bytes`)
    const known = Object.values(BLOCK).includes(type)
    if (!known) {
      queue.skip(length)
      return true
    }
    if (length > MAX_BLOCK_BYTES) throw new Unreadable(`a block of ${length} bytes`)
    const block = queue.take(length)
    if (block === null) return false
    const whole = new DataView(block.buffer, block.byteOffset, length)
    if (whole.getUint32(length - 4, little) !== length) throw new Unreadable('a block with two lengths')
    const content = block.subarray(8, length - 4)
    if (type === BLOCK.section) interfaces = []
    else if (type === BLOCK.interface) addInterface(content)
    else addPacket(type, content, deliver)
    return true
  }

  function addInterface(content: Uint8Array): void {
    if (interfaces.length === MAX_INTERFACES) throw new Unreadable(`more than ${MAX_INTERFACES} interfaces`)
    if (content.length < 8) throw new Unreadable('an interface without a link type')
    const view = new DataView(content.buffer, content.byteOffset, content.length)
    interfaces.push({
      linkType: view.getUint16(0, little),
      snapLength: view.getUint32(4, little),
      timestamps: timestamps(content.subarray(8), little),
    })
  }

  function addPacket(type: number, content: Uint8Array, deliver: DeliverItem): void {
    const number = next
    next += 1
    const odd = (what: string) => deliver({ packet: number, what })
    const view = new DataView(content.buffer, content.byteOffset, content.length)
    const simple = type === BLOCK.simplePacket
    const header = simple ? 4 : 20
    if (content.length < header) return odd('a packet block without its header')
    const id = simple ? 0 : type === BLOCK.packet ? view.getUint32(0, little) : view.getUint16(0, little)
    const from = interfaces[id]
    if (from === undefined) return odd(`a packet of interface ${id}, which the file does not describe`)
    const length = view.getUint32(simple ? 0 : 16, little)
    const room = content.length - header
    // A simple block does not say how much was kept: what the interface allows, and behind it there is only padding.
    const kept = simple ? Math.min(length, from.snapLength || length, room) : view.getUint32(12, little)
    if (kept > room) return odd(`a packet of ${kept} bytes in a block of ${content.length}`)
    const units = simple ? null : (BigInt(view.getUint32(4, little)) << 32n) | BigInt(view.getUint32(8, little))
    deliver({
      number,
      time: units === null ? null : from.timestamps(units),
      linkType: from.linkType,
      bytes: content.subarray(header, header + kept),
      length: Math.max(length, kept),
      comments: simple ? [] : comments(content.subarray(header + Math.ceil(kept / 4) * 4), little),
    })
  }

  return {
    get next() {
      return next
    },
    read(queue, deliver) {
      try {
        while (!lost && readBlock(queue, deliver));
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        lost = true
        deliver({ packet: next, what: `${error.message}: the rest of the file was not read` })
      }
      if (lost) queue.skip(queue.length)
    },
  }
}

/** The blocks cannot be told apart any more. */
class Unreadable extends Error {}

/** Codes of options (draft-ietf-opsawg-pcapng sections 3.5 and 4.2). */
const OPTION = { end: 0, comment: 1, resolution: 9, offset: 14 }

const SECOND = 1_000_000_000n

/** Where an interface says nothing, it counts microseconds. */
const MICROSECONDS = 6

/** From the two numbers of a packet to nanoseconds since 1970. */
type Timestamps = (units: bigint) => bigint

/** Each option of a block with its code and value; whatever does not fit into the block ends the list. */
function* options(bytes: Uint8Array, little: boolean): Generator<{ code: number; value: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at + 4 <= bytes.length; ) {
    const code = view.getUint16(at, little)
    const length = view.getUint16(at + 2, little)
    if (code === OPTION.end || at + 4 + length > bytes.length) return
    yield { code, value: bytes.subarray(at + 4, at + 4 + length) }
    at += 4 + Math.ceil(length / 4) * 4
  }
}

/** All remarks among the options of a block. */
function comments(bytes: Uint8Array, little: boolean): string[] {
  const found: string[] = []
  for (const { code, value } of options(bytes, little)) {
    if (code === OPTION.comment) found.push(new TextDecoder().decode(value))
  }
  return found
}

/** How the packets of an interface tell the time, by its options if_tsresol and if_tsoffset. */
function timestamps(bytes: Uint8Array, little: boolean): Timestamps {
  let resolution = MICROSECONDS
  let offset = 0n
  for (const { code, value } of options(bytes, little)) {
    const view = new DataView(value.buffer, value.byteOffset, value.length)
    if (code === OPTION.resolution && value.length >= 1) resolution = view.getUint8(0)
    if (code === OPTION.offset && value.length >= 8) offset = view.getBigInt64(0, little) * SECOND
  }
  // The highest bit chooses between powers of two and of ten.
  const perSecond = resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)
  return units => (units * SECOND) / perSecond + offset
}
