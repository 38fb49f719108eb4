import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { openLegacyRecord } from '../../crack/legacy-record.ts'
import type { Passing } from '../../stage/path.ts'
import { textbookKey } from '../../textbook/toy-exchange.ts'

/**
 * Reads a conversation of textbook AES that crossed the wire, as a sniffer does who has a secret for it.
 *
 * @param passed all segments of one connection; the first one of each side is its public value
 * @returns what opens under that secret: nothing, most likely, if it is the wrong one
 */
export function textbookTexts(passed: readonly Passing[], secret: bigint): readonly string[] {
  const key = textbookKey(secret)
  return passed
    .filter(({ nth }) => nth > 0)
    .map(({ bytes }) => ({ iv: bytes.subarray(0, BLOCK_BYTES), ciphertext: bytes.subarray(BLOCK_BYTES) }))
    .flatMap(record => openLegacyRecord(key, record) ?? [])
}
