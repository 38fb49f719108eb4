import { enhancedPacket, interfaceDescription, sectionHeader } from '@p2p-secure-chat/core/capture/pcapng-writer'
import { captureDecoder } from '@p2p-secure-chat/dissector/capture/capture-decoder'
import type { CaptureItem } from '@p2p-secure-chat/dissector/capture/capture-item'
import { segmentOf } from '@p2p-secure-chat/dissector/capture/segment'

/** LINKTYPE_ETHERNET of the registry of tcpdump.org. */
const ETHERNET = 1

/**
 * Makes a pcapng of a capture between the three hosts, with its key log as a comment on the first packet: anyone who opens
 * it with our dissector sees it decrypted, and anyone without a dissector can read the comment.
 *
 * @param capture a pcap file with Ethernet frames
 * @param keyLog at most 65,535 bytes of UTF-8
 * @throws {TypeError} when the capture is not whole
 */
export function copyWithKeys(capture: Uint8Array, keyLog: string): Uint8Array {
  const blocks = [
    sectionHeader({
      application: 'npm run captures',
      comment: 'The keys of these conversations are in a comment on the first packet.',
    }),
    interfaceDescription({ linkType: ETHERNET, name: 'br0', description: 'the wire between server, alice and bob' }),
  ]
  function take(item: CaptureItem): void {
    if (!('bytes' in item) || item.time === null) throw new TypeError('the capture is not whole')
    const { time, bytes, number } = item
    blocks.push(enhancedPacket({ time, bytes, comments: number === 1 ? [keyLog] : [] }))
  }
  const decoder = captureDecoder()
  decoder.push(capture, take)
  decoder.end(take)
  return Buffer.concat(blocks)
}

/** Of an Ethernet frame, and of the IPv4 header behind it, which has no options between our hosts. */
const [ETHERNET_HEADER, IP_HEADER] = [14, 20]

/** Where the checksum stands in a TCP header (RFC 9293 section 3.1). */
const CHECKSUM = 16

/**
 * Looks for what happens by chance and would take a reader's eye off what a capture is about: something that is sent
 * twice because the machine was busy, a connection that is reset because one side was gone before the other side's last
 * words came, or a checksum that comes to 0 and is sent as 0xffff, which is as good (RFC 1624) and which Wireshark
 * complains of.
 *
 * @param capture a pcap file of our hosts
 * @param resets how many connections are reset on purpose
 * @returns what it is; null for a clean capture
 */
export function flawOf(capture: Uint8Array, resets: number): string | null {
  const flaws: string[] = []
  let resetsLeft = resets
  /** The number that comes next, in each direction of each connection. */
  const expected = new Map<string, number>()

  function look(item: CaptureItem): void {
    const segment = 'bytes' in item ? segmentOf(item) : null
    if (!('bytes' in item) || segment === null || 'odd' in segment) {
      return void flaws.push('something else than TCP')
    }
    const { source, destination, sequence, syn, fin, rst, payload } = segment
    const direction = [source.host, source.port, destination.host, destination.port].join(' ')
    const numbers = payload.length + Number(syn) + Number(fin)
    const next = expected.get(direction) ?? sequence
    // What takes no number may repeat the last one: an acknowledgment does.
    if (numbers > 0 && sequence !== next && !syn) flaws.push(`packet ${item.number} is out of turn`)
    if (numbers > 0) expected.set(direction, (sequence + numbers) % 2 ** 32)
    if (rst) resetsLeft -= 1
    if (resetsLeft < 0) flaws.push(`packet ${item.number} resets a connection`)
    const at = ETHERNET_HEADER + IP_HEADER + CHECKSUM
    if (item.bytes[at] === 0xff && item.bytes[at + 1] === 0xff)
      flaws.push(`packet ${item.number} has the checksum 0xffff`)
  }
  const decoder = captureDecoder()
  decoder.push(capture, look)
  decoder.end(look)
  return flaws[0] ?? null
}
