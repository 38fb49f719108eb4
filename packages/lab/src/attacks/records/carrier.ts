import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { Which } from '@p2p-secure-chat/stage/path'
import { type ChatRung, isTextbook } from '../../rungs.ts'

/**
 * What carries a text of alice over the path, where bob says nothing and she says one text at a time: a frame, a sealed
 * record, or a segment. Whoever counts needs no key for that.
 *
 * @param nth which text, from 0
 */
export function carrier(rung: ChatRung, nth = 0): Which {
  if (rung === 'basic') return { from: 'dialler', type: TEXT.type, nth }
  // In front of the texts go her public value and her call.
  return isTextbook(rung) ? { from: 'dialler', nth: nth + 1 } : { from: 'dialler', type: RECORD.type, nth: nth + 1 }
}
