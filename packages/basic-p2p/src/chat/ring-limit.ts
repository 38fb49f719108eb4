import { allowances, type Rate } from '@p2p-secure-chat/core/limits/allowances'
import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'

/** Calls that may ring at once; a person answers a few, a flood must not fill the screen or the memory. */
export const RINGING_LIMIT = 16

/** How many of them may be of strangers, who can have as many names and keys as they like. */
export const RINGING_STRANGERS = 8

/** How often one peer may make it ring: who is not heard tries a few times, and then waits. */
export const RINGS_OF_A_PEER: Rate = { burst: 5, interval: 10_000 }

/** The same for all strangers together: a classroom at once. */
export const RINGS_OF_STRANGERS: Rate = { burst: 30, interval: 5_000 }

/**
 * Decides whether a call may disturb a person.
 *
 * @param now the time in milliseconds, of any monotonic clock
 * @returns a function that says whether this caller may ring now beside those who ring already, and counts it
 */
export function ringLimit(now?: () => number): (caller: Learnt, ringing?: readonly Learnt[]) => boolean {
  const peers = allowances(RINGS_OF_A_PEER, now)
  const strangers = allowances(RINGS_OF_STRANGERS, now)
  return (caller, ringing = []) => {
    if (ringing.length >= RINGING_LIMIT) return false
    if (isStranger(caller) && ringing.filter(isStranger).length >= RINGING_STRANGERS) return false
    if (!peers.take(caller.fingerprint ?? caller.peer)) return false
    return !isStranger(caller) || strangers.take('')
  }
}

/** Whether nothing is known about who calls. */
export function isStranger({ identity }: Learnt): boolean {
  return identity === 'new' || identity === 'none'
}
