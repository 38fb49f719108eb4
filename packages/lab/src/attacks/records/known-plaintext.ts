import { encodeFrame, HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { GOODBYE, RECORD } from '@p2p-secure-chat/core/wire/common-messages'

/**
 * What a cipher that XORs lets anybody do who knows what stands there: sealed XOR known is the key stream, and that XOR
 * wanted is what the sender would have sent for other words.
 *
 * @returns as many bytes as `sealed`; where nothing is known nothing changes
 */
export function rewritten(sealed: Uint8Array, known: Uint8Array, wanted: Uint8Array): Uint8Array {
  return sealed.map((byte, i) => byte ^ (known[i] ?? 0) ^ (wanted[i] ?? 0))
}

/**
 * Makes a goodbye of a record of the dh rung that carries one text. Nobody has to know the text for that: the header of its
 * frame, `u32 length | TEXT`, follows from the size of the record, and a goodbye is no more than such a header.
 *
 * @param body of the RECORD frame
 * @returns a whole RECORD frame
 */
export function goodbyeOf(body: Uint8Array): Uint8Array {
  const known = encodeFrame({ type: TEXT.type, body: new Uint8Array(body.length - HEADER_BYTES) }).subarray(
    0,
    HEADER_BYTES,
  )
  const wanted = encodeFrame(GOODBYE.message({}))
  return encodeFrame({ type: RECORD.type, body: rewritten(body.subarray(0, HEADER_BYTES), known, wanted) })
}
