import type { KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import type { Group } from '@p2p-secure-chat/core/dh/groups'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { authenticatedUpgrade } from './handshake/handshake-upgrade.ts'
import type { Identity } from './identity/identity.ts'
import { keystreamProtection } from './keystream-protection.ts'
import type { KnownPeers } from './identity/known-peers.ts'

export interface DhUpgradeOptions {
  readonly identity: Identity
  readonly knownPeers: KnownPeers
  /** The groups to accept, the best first. */
  readonly groups: readonly Group[]
  /** Absent or null when none is kept. */
  readonly keyLog?: KeyLog | null
}

/** The upgrade of this rung: the peer is authenticated and nobody can listen, but an attacker on the path can alter texts. */
export function dhUpgrade(options: DhUpgradeOptions): Upgrade {
  return authenticatedUpgrade({
    ...options,
    protocol: 'peer-dh/1',
    integrity: false,
    protect: secrets => keystreamProtection(secrets),
  })
}
