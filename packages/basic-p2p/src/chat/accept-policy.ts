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
