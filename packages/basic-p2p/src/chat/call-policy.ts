import { allowances, type Rate } from '@p2p-secure-chat/core/limits/allowances'
import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'

/** Who may open a conversation with us: whom a person accepts, peers with whose key a conversation was open, everyone, nobody. */
export const ACCEPT_POLICIES = ['ask', 'known', 'all', 'none'] as const

export type AcceptPolicy = (typeof ACCEPT_POLICIES)[number]

/** What happens to a call once the upgrade has told who it is. */
export function decide(policy: AcceptPolicy, { identity }: Learnt): 'accept' | 'ask' | 'decline' {
  switch (policy) {
    case 'all':
      return 'accept'
    case 'ask':
      return 'ask'
    case 'known':
      return identity === 'known' || identity === 'verified' ? 'accept' : 'decline'
    case 'none':
      return 'decline'
  }
}

/** Calls that may ring at once; a person answers a few, a flood must not fill the screen or the memory. */
export const RINGING_LIMIT = 16

/** How many of them may be of strangers, who can have as many names and keys as they like. */
export const RINGING_STRANGERS = 8

/** How often one peer may make it ring: who is not heard tries a few times, and then waits. */
export const RINGS_OF_A_PEER: Rate = { burst: 5, interval: 10_000 }

/** The same for all strangers together: a classroom at once. */
export const RINGS_OF_STRANGERS: Rate = { burst: 30, interval: 5_000 }

/**
 * How often we dial strangers who called us and whose connection broke: enough for a classroom whose router restarts.
 * Beyond that they have to reconnect by themselves, or each handshake of theirs would cost us several of ours.
 */
export const DIAL_BACKS_TO_STRANGERS: Rate = { burst: 30, interval: 2_000 }

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
