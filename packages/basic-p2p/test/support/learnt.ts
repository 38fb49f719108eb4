import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'

/** What an upgrade with keys learns of somebody we know. */
export function learntOf(peer: string, more: Partial<Learnt> = {}): Learnt {
  return {
    protocol: 'peer-aes/1',
    peer,
    confidential: true,
    integrity: true,
    identity: 'known',
    fingerprint: `of ${peer}`,
    safetyNumber: null,
    precedes: true,
    notices: [],
    remember: () => Promise.resolve(),
    opened: () => Promise.resolve(),
    verify: () => Promise.resolve(),
    ...more,
  }
}
