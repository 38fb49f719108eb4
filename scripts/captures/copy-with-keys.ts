import { enhancedPacket, interfaceDescription, sectionHeader } from '@p2p-secure-chat/core/capture/pcapng-writer'
import type { CaptureItem } from '@p2p-secure-chat/dissector/capture/capture-item'
import { captureDecoder } from '@p2p-secure-chat/dissector/capture/capture-decoder'

/** LINKTYPE_ETHERNET of the registry of tcpdump.org. */
const ETHERNET = 1

/**
 * Makes a pcapng of a capture between the three hosts, with its key log as a comment on the first packet: whoever opens
 * it with our dissector sees it decrypted, and whoever has no dissector can read the comment.
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
