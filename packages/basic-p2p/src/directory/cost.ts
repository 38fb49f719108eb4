import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { REGISTER } from '../messages/directory.ts'

/** What one client gets before the others have their turn, in bytes of answers: a few tenths of a millisecond of work. */
export const TURN = 64 * 1024

/** The least that a request costs, in the same unit: 16 of them are a turn. */
export const REQUEST_COST = TURN / 16

/** What a byte of a request costs: JSON that is made to be slow takes that much longer than it takes to answer a byte. */
const BYTE_COST = 16

/** What a request costs; its answer costs as much as it has bytes. A registration has a signature to be checked. */
export function costOf({ type, body }: Message): number {
  return type === REGISTER.type ? TURN : Math.max(REQUEST_COST, BYTE_COST * body.length)
}
