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
  /** The groups to take, the best first. */
  readonly groups: readonly Group[]
  /** None where none is kept. */
  readonly keyLog?: KeyLog | null
}

/** The upgrade of this rung: we know who it is and nobody listens, but whoever is on the path can still alter texts. */
export function dhUpgrade(options: DhUpgradeOptions): Upgrade {
  return authenticatedUpgrade({
    ...options,
    protocol: 'peer-dh/1',
    integrity: false,
    protect: secrets => keystreamProtection(secrets),
  })
}
