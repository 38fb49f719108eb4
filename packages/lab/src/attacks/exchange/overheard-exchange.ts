import { ANSWER, OFFER } from '@p2p-secure-chat/core/wire/message-types'
import { type Answer, type Offer, readAnswer, readOffer } from '@p2p-secure-chat/dh-chat/handshake/handshake-messages'
import type { Passing } from '../../stage/path.ts'

/** The two public values of an exchange, in the open for everybody on the path. */
export interface OverheardExchange {
  /** As it left alice. */
  readonly offer: Offer
  readonly offerFrame: Uint8Array
  readonly answer: Answer
}

/** The first exchange among what passed. */
export function overheardExchange(passed: readonly Passing[]): OverheardExchange {
  const offered = passed.find(({ type }) => type === OFFER)
  const answered = passed.find(({ type }) => type === ANSWER)
  if (offered === undefined || answered === undefined) throw new Error('no exchange came by')
  return { offer: readOffer(offered), offerFrame: offered.bytes, answer: readAnswer(answered) }
}
