import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { GOODBYE, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { encodeFrame, HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { Which } from '@p2p-secure-chat/stage/path'
import type { TestClient } from '@p2p-secure-chat/stage/testbed'
import type { Event } from '@p2p-secure-chat/stage/transcript'
import { type ChatRung, isTextbook } from '../../rungs.ts'
import { broken, type Outcome, resisted } from '../attack.ts'

/**
 * What carries a text of alice over the path, where bob says nothing and she says one text at a time: a frame, a sealed
 * record, or a segment. Counting takes no key.
 *
 * @param nth which text, from 0
 */
export function carrier(rung: ChatRung, nth = 0): Which {
  if (rung === 'basic') return { from: 'dialler', type: TEXT.type, nth }
  // In front of the texts go her public value and her call.
  return isTextbook(rung) ? { from: 'dialler', nth: nth + 1 } : { from: 'dialler', type: RECORD.type, nth: nth + 1 }
}

/**
 * Rewrites what an XOR cipher has sealed, without the key: sealed XOR known is the key stream, and that XOR wanted is what
 * the sender would have sent for other words.
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

/** The codes with which a client objects to a record, or to what is in it. */
const OBJECTIONS: ReadonlySet<string> = new Set(['bad-record', 'bad-message'])

/**
 * The code with which a client objected.
 *
 * @param last the last event that was awaited on the screen of the victim
 * @throws {Error} when it did not object: then there is no result
 */
export function objection(victim: TestClient, { code }: Event): string {
  if (typeof code === 'string' && OBJECTIONS.has(code)) return code
  throw new Error(`the attack failed, but ${victim.name}'s client reported ${JSON.stringify(code)}`)
}

/**
 * Mallory wins if she got what she wanted; otherwise her victim's client must have objected.
 *
 * @param last as for objection()
 * @param won what was seen of her success; null if there was none
 * @throws {Error} if neither is the case; that counts as no result
 */
export function verdict(victim: TestClient, last: Event, won: string | null): Outcome {
  if (won !== null) return broken(won)
  const code = objection(victim, last)
  return resisted(`the client of ${victim.name} refuses what it got and ends the conversation: ${code}`)
}
