import { rateLimits, type Rate } from '@p2p-secure-chat/core/limits/rate-limits'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'

/** Who may open a conversation with us: callers our user accepts, peers whose key we know, everyone or nobody. */
export const ACCEPT_POLICIES = ['ask', 'known', 'all', 'none'] as const

export type AcceptPolicy = (typeof ACCEPT_POLICIES)[number]

/** What happens to a call once the upgrade has identified the caller. */
export function decide(policy: AcceptPolicy, { identity }: PeerSecurity): 'accept' | 'ask' | 'decline' {
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

/** Calls that may ring at once: a person answers a few, and a flood must not fill the screen or the memory. */
export const RINGING_LIMIT = 16

/** How many of them may be from strangers, who can have as many names and keys as they like. */
export const RINGING_STRANGERS = 8

/** How often one peer may ring: a few tries, and then one now and then. */
export const RINGS_OF_A_PEER: Rate = { burst: 5, interval: 10_000 }

/** How often all strangers together may ring: a classroom may call at once. */
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
 * @returns a function that says whether this caller may ring now beside the calls that ring already, and counts the call
 */
export function ringLimit(now?: () => number): (caller: PeerSecurity, ringing?: readonly PeerSecurity[]) => boolean {
  const peers = rateLimits(RINGS_OF_A_PEER, now)
  const strangers = rateLimits(RINGS_OF_STRANGERS, now)
  return (caller, ringing = []) => {
    if (ringing.length >= RINGING_LIMIT) return false
    if (isStranger(caller) && ringing.filter(isStranger).length >= RINGING_STRANGERS) return false
    if (!peers.take(caller.fingerprint ?? caller.peer)) return false
    return !isStranger(caller) || strangers.take('')
  }
}

/** Whether nothing is known about a caller. */
export function isStranger({ identity }: PeerSecurity): boolean {
  return identity === 'new' || identity === 'none'
}
