import { LENGTH_BYTES, readPlaintext, SMALLEST_PLAINTEXT } from '@p2p-secure-chat/aes-chat/record-plaintext'
import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import type { Field } from './field.ts'
import { readBatch } from './inner-frames.ts'
import { hexOf } from './read-body.ts'
import type { ViewedRecord } from './record-view.ts'

/**
 * Reads what a record of the aes rung decrypts to, `u32 n | batch | zeros | PKCS#7`, as far as it makes sense.
 *
 * @param decrypted whole blocks, at least one
 * @returns `sound`: whether a receiver would take it. Nothing is opened where PKCS#7 is wrong
 */
export function viewBatch(decrypted: Uint8Array): Pick<ViewedRecord, 'opened' | 'line'> & { readonly sound: boolean } {
  const bytes = withoutPadding(decrypted)
  if (bytes === null) return { opened: null, sound: false, line: 'does not open' }
  if (bytes.length < LENGTH_BYTES) {
    const batch = { frames: [], whole: false, keyUpdate: false }
    return { opened: { bytes, fields: [], batch, batchAt: 0 }, sound: false, line: 'too short' }
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const end = LENGTH_BYTES + length
  const fields: Field[] = [
    { name: 'record.batch_length', value: String(length), place: { at: 0, length: LENGTH_BYTES } },
  ]
  if (end < bytes.length) {
    const place = { at: end, length: bytes.length - end }
    fields.push({ name: 'record.padding', value: hexOf(bytes.subarray(end)), place })
  }
  // A batch that is said to go beyond the end is none.
  const batch = readBatch(bytes.subarray(LENGTH_BYTES, end <= bytes.length ? end : LENGTH_BYTES), 'peer-aes/1')
  const strict = decrypted.length >= SMALLEST_PLAINTEXT && readPlaintext(decrypted) !== null
  return {
    opened: { bytes, fields, batch, batchAt: LENGTH_BYTES },
    sound: strict && batch.whole,
    line: `${length} of ${bytes.length - LENGTH_BYTES} bytes`,
  }
}

/** Takes PKCS#7 padding off (RFC 5652, section 6.3); null where it is wrong. */
function withoutPadding(decrypted: Uint8Array): Uint8Array | null {
  const padding = decrypted.at(-1) ?? 0
  if (padding < 1 || padding > BLOCK_BYTES) return null
  const end = decrypted.length - padding
  return decrypted.subarray(end).every(byte => byte === padding) ? decrypted.subarray(0, end) : null
}
