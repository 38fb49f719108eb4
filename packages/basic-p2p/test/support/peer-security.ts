import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'

/** What an upgrade with keys learns of somebody we know. */
export function securityOf(peer: string, more: Partial<PeerSecurity> = {}): PeerSecurity {
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
