import type { PeerState } from './peer-states.ts'

/** Somebody who calls in the name of a person whom we are calling. */
export interface CrossingCaller {
  /** Whether they are known to be that person; a stranger who only says so gets nothing that is meant for that person. */
  readonly isCallee: boolean
  /** Whether our identity key (our name, where there are no keys) is the bytewise smaller of the two. */
  readonly wePrecede: boolean
}

/** Whose call goes on. `wait`: our dial has to end first. `apart`: nothing of ours is under way, so it is a call like any other. */
export type Crossing = 'ours' | 'theirs' | 'wait' | 'apart'

/**
 * Decides which of two crossed calls goes on (docs/protocol.md, Peers). Both sides come to the same answer, for a call
 * counts from the moment in which the other side hears it; where both count, that of the smaller identity goes on.
 *
 * @param state of what there is with the person whom we are calling
 */
export function crossing(state: PeerState, { isCallee, wePrecede }: CrossingCaller): Crossing {
  switch (state) {
    case 'none/dialling':
      // Until it ends nobody knows which key answers there.
      return isCallee ? 'theirs' : 'wait'
    case 'none/placed':
      return isCallee && !wePrecede ? 'theirs' : 'ours'
    case 'none/yielded':
      return isCallee ? 'theirs' : 'ours'
    case 'none/refused':
      return isCallee ? 'theirs' : 'apart'
    default:
      return 'apart'
  }
}
