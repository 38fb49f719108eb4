import type { ByteQueue } from './byte-queue.ts'
import { type CaptureFormat, type DeliverItem, MAX_PACKET_BYTES } from './capture-item.ts'

/** Bytes before the first packet. */
export const PCAP_HEADER_BYTES = 24

/** Nanoseconds in a unit of the fraction, and bytes before each packet, by the magic number. */
const VARIANTS: Readonly<Record<number, { readonly unit: bigint; readonly header: number }>> = {
  0xa1b2c3d4: { unit: 1_000n, header: 16 },
  0xa1b23c4d: { unit: 1n, header: 16 },
  // A variant of old Linux libpcaps: the interface, its protocol and the direction follow the usual header.
  0xa1b2cd34: { unit: 1_000n, header: 24 },
}

const SECOND = 1_000_000_000n

/** Whether these four bytes begin a pcap file, and in which byte order. */
export function pcapByteOrder(magic: Uint8Array): 'little' | 'big' | null {
  const view = new DataView(magic.buffer, magic.byteOffset, 4)
  if (view.getUint32(0, true) in VARIANTS) return 'little'
  return view.getUint32(0) in VARIANTS ? 'big' : null
}

/**
 * The format that tcpdump writes (draft-ietf-opsawg-pcap), with times in micro- or nanoseconds, in both byte orders.
 *
 * @param header the first 24 bytes of the file
 */
export function pcap(header: Uint8Array, byteOrder: 'little' | 'big'): CaptureFormat {
  const little = byteOrder === 'little'
  const file = new DataView(header.buffer, header.byteOffset, PCAP_HEADER_BYTES)
  const variant = VARIANTS[file.getUint32(0, little)]
  if (variant === undefined) throw new RangeError('this is no header of a pcap file')
  // The upper bits say how long the checksum behind each frame is.
  const linkType = file.getUint32(20, little) & 0xffff
  let next = 1
  let lost = false

  return {
    get next() {
      return next
    },
    read(queue: ByteQueue, deliver: DeliverItem): void {
      while (!lost) {
        const head = queue.peek(variant.header)
        if (head === null) return
        const view = new DataView(head.buffer, head.byteOffset, head.length)
        const kept = view.getUint32(8, little)
        if (kept > MAX_PACKET_BYTES) {
          lost = true
          deliver({ packet: next, what: `a packet of ${kept} bytes: the rest of the file was not read` })
          break
        }
        if (queue.length < variant.header + kept) return
        queue.skip(variant.header)
        const bytes = queue.take(kept) ?? new Uint8Array(0)
        const time = BigInt(view.getUint32(0, little)) * SECOND + BigInt(view.getUint32(4, little)) * variant.unit
        const length = Math.max(kept, view.getUint32(12, little))
        deliver({ number: next, time, linkType, bytes, length, comments: [] })
        next += 1
      }
      queue.skip(queue.length)
    },
  }
}
