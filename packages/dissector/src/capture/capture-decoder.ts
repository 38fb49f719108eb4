import { ChatError } from '@p2p-secure-chat/core/errors'
import { type ByteQueue, byteQueue } from './byte-queue.ts'
import type { CaptureFormat, DeliverItem } from './capture-item.ts'
import { PCAP_HEADER_BYTES, pcap, pcapByteOrder } from './pcap.ts'
import { isPcapng, pcapng, PCAPNG_MAGIC_BYTES } from './pcapng.ts'

const MAGIC_BYTES = 4

/** How packed files begin, and how to unpack them. */
const PACKED = [
  { begins: [0x1f, 0x8b], name: 'gzip', tool: 'gunzip -c FILE' },
  { begins: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd', tool: 'zstd -dc FILE' },
  { begins: [0xfd, 0x37, 0x7a, 0x58], name: 'xz', tool: 'xz -dc FILE' },
  { begins: [0x04, 0x22, 0x4d, 0x18], name: 'lz4', tool: 'lz4 -dc FILE' },
]

/** Turns the bytes of a capture file, cut anywhere, into its packets. Memory does not grow with the file. */
export interface CaptureDecoder {
  /**
   * @param chunk must not be reused by the caller: the bytes of a packet may be a view of it
   * @param deliver called at once for each packet that is complete, and for what could not be read
   * @throws {ChatError} `bad-capture` when the bytes begin no file of a known format, then and from then on
   */
  push(chunk: Uint8Array, deliver: DeliverItem): void
  /**
   * Says what is missing where the file ends in the middle of a packet.
   *
   * @throws {ChatError} `bad-capture` when the file ends before its first packet could begin
   */
  end(deliver: DeliverItem): void
}

/** Reads pcap and pcapng; which of the two it is shows in the first bytes. */
export function captureDecoder(): CaptureDecoder {
  const queue = byteQueue()
  let format: CaptureFormat | null = null

  return {
    push(chunk, deliver) {
      queue.push(chunk)
      format ??= recognised(queue)
      format?.read(queue, deliver)
    },
    end(deliver) {
      if (format === null) throw new ChatError('bad-capture', queue.length === 0 ? 'it is empty' : 'it is too short')
      if (queue.midPiece) deliver({ packet: format.next, what: 'the file is cut off here', cutOff: true })
    },
  }
}

function recognised(queue: ByteQueue): CaptureFormat | null {
  const magic = queue.peek(MAGIC_BYTES)
  if (magic === null) return null
  const byteOrder = pcapByteOrder(magic)
  if (byteOrder === null) {
    const more = queue.peek(PCAPNG_MAGIC_BYTES)
    if (isPcapng(more ?? magic)) return more === null ? null : pcapng()
    throw notACapture(magic)
  }
  const header = queue.take(PCAP_HEADER_BYTES)
  return header === null ? null : pcap(header, byteOrder)
}

function notACapture(magic: Uint8Array): ChatError {
  const packed = PACKED.find(({ begins }) => begins.every((byte, i) => magic[i] === byte))
  if (packed === undefined) return new ChatError('bad-capture', 'it does not begin like a pcap or pcapng file')
  const { name, tool } = packed
  return new ChatError('bad-capture', `it is compressed with ${name}`, {
    hint: `decompress it first: ${tool} > CAPTURE`,
  })
}
