import type { KnownPeers } from '../../src/identity/known-peers.ts'

/** Knows nobody and remembers nobody. */
export const strangers: KnownPeers = {
  look: () => Promise.resolve({ identity: 'new', notices: [] }),
  remember: () => Promise.resolve(),
  opened: () => Promise.resolve(),
  markVerified: () => Promise.resolve(),
  forget: () => Promise.resolve(false),
  list: () => Promise.resolve([]),
}
