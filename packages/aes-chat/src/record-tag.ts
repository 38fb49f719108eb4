import { MAC_BYTES, mac } from '@p2p-secure-chat/core/cipher/mac'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'

/** Who sent a record: 0 the initiator, 1 the responder. */
export type Direction = 0 | 1

/** Bytes of u64 sequence number, u8 direction, u32 frame length and u8 frame type. */
const HEADER_BYTES = 14

/**
 * The tag of a record: HMAC-SHA-256 over `u64 sequence number | u8 direction | u32 frame length | u8 frame type | IV |
 * ciphertext` (docs/protocol.md, Records). The sequence number makes a repeated, missing or moved record another
 * message, the direction one that is sent back to its sender, and the frame header one that is cut elsewhere.
 *
 * @param sealed IV || ciphertext
 * @returns 32 bytes
 */
export function recordTag(key: Uint8Array, sequence: bigint, direction: Direction, sealed: Uint8Array): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeBigUInt64BE(sequence, 0)
  header.writeUInt8(direction, 8)
  header.writeUInt32BE(1 + sealed.length + MAC_BYTES, 9)
  header.writeUInt8(RECORD.type, 13)
  return mac(key, header, sealed)
}
