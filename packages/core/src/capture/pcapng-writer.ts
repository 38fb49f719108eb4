/** No link layer: a packet begins with its IP header, version 4 or 6 (the LINKTYPE_ registry of tcpdump.org). */
export const LINK_RAW_IP = 101

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6

/** In the byte order of the writer: so a reader knows which one that is. */
const BYTE_ORDER_MAGIC = 0x1a2b3c4d

/** Codes of options: the first one exists in every block, the others in one kind each. */
const OPTION = {
  end: 0,
  comment: 1,
  interfaceName: 2,
  interfaceDescription: 3,
  application: 4,
  timeResolution: 9,
} as const

/** Times count units of 10^-9 seconds. */
const NANOSECONDS = Uint8Array.of(9)

/** Most bytes of an option: its length has 16 bits. */
const LARGEST_OPTION = 0xffff

/** Bytes of a block around its body: type, length, and the length again. */
const FRAME_BYTES = 12

type Option = readonly [code: number, value: string | Uint8Array]

export interface SectionHeader {
  /** The program that wrote the file. */
  readonly application: string
  /** What a reader must know about all of it. */
  readonly comment: string
}

export interface InterfaceDescription {
  readonly linkType: number
  readonly name: string
  readonly description: string
}

export interface EnhancedPacket {
  /** Nanoseconds since 1970. */
  readonly time: bigint
  /** All of the packet, from its link-layer header on. */
  readonly bytes: Uint8Array
  /** Remarks that Wireshark shows with the packet. */
  readonly comments?: readonly string[]
}

/**
 * The first block of a pcapng file (draft-ietf-opsawg-pcapng, section 4.1). A file is a section header, an interface
 * description, then packets of that interface. All blocks are little-endian, and each is whole by itself: a file that
 * ends after any of them can be read.
 *
 * @throws {RangeError} for a text of more than 65,535 bytes of UTF-8, as the other blocks
 */
export function sectionHeader({ application, comment }: SectionHeader): Uint8Array {
  const body = Buffer.alloc(16)
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0)
  body.writeUInt16LE(1, 4)
  // The section has no stated length: it ends with the file.
  body.fill(0xff, 8)
  return block(SECTION_HEADER, body, [
    [OPTION.comment, comment],
    [OPTION.application, application],
  ])
}

/** Says of what kind the packets are that follow, and that their times count nanoseconds (section 4.2). */
export function interfaceDescription({ linkType, name, description }: InterfaceDescription): Uint8Array {
  const body = Buffer.alloc(8)
  body.writeUInt16LE(linkType, 0)
  return block(INTERFACE_DESCRIPTION, body, [
    [OPTION.interfaceName, name],
    [OPTION.interfaceDescription, description],
    [OPTION.timeResolution, NANOSECONDS],
  ])
}

/** One packet of the first interface (section 4.3). */
export function enhancedPacket({ time, bytes, comments = [] }: EnhancedPacket): Uint8Array {
  const body = Buffer.alloc(20 + padded(bytes.length))
  body.writeUInt32LE(Number(BigInt.asUintN(32, time >> 32n)), 4)
  body.writeUInt32LE(Number(BigInt.asUintN(32, time)), 8)
  body.writeUInt32LE(bytes.length, 12)
  body.writeUInt32LE(bytes.length, 16)
  body.set(bytes, 20)
  return block(
    ENHANCED_PACKET,
    body,
    comments.map(comment => [OPTION.comment, comment]),
  )
}

function block(type: number, body: Uint8Array, options: readonly Option[]): Uint8Array {
  const tail = options.length === 0 ? [] : [...options, [OPTION.end, ''] as const].map(encodeOption)
  const length = FRAME_BYTES + body.length + tail.reduce((sum, option) => sum + option.length, 0)
  const header = Buffer.alloc(8)
  header.writeUInt32LE(type, 0)
  header.writeUInt32LE(length, 4)
  return Buffer.concat([header, body, ...tail, header.subarray(4)])
}

function encodeOption([code, value]: Option): Uint8Array {
  const content = Buffer.from(value)
  if (content.length > LARGEST_OPTION) {
    throw new RangeError(`an option holds at most ${LARGEST_OPTION} bytes, got ${content.length}`)
  }
  const option = Buffer.alloc(4 + padded(content.length))
  option.writeUInt16LE(code, 0)
  option.writeUInt16LE(content.length, 2)
  option.set(content, 4)
  return option
}

/** The contents of a block begin at multiples of four bytes. */
function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4
}
