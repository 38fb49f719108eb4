import { generateKeyPairSync } from 'node:crypto'
import { aesUpgrade } from '@p2p-secure-chat/aes-chat/aes-upgrade'
import type { Group } from '@p2p-secure-chat/core/dh/groups'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { dhUpgrade } from '@p2p-secure-chat/dh-chat/dh-upgrade'
import type { SecureProtocol } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { identityOf } from '@p2p-secure-chat/dh-chat/identity/identity'
import type { KnownPeers } from '@p2p-secure-chat/dh-chat/identity/known-peers'

export interface StrangerOptions {
  readonly protocol: SecureProtocol
  /** The groups to take, the best first. */
  readonly groups: readonly Group[]
}

/**
 * The upgrade of a stranger: a key that lives as long as this program, and no memory of others.
 *
 * @param name what they call themselves, whether that is a name or not
 */
export function strangersUpgrade(name: string, { protocol, groups }: StrangerOptions): Upgrade {
  const { privateKey } = generateKeyPairSync('ed25519')
  const options = { identity: { ...identityOf('stranger', privateKey), name }, knownPeers: nobodyKnown, groups }
  return protocol === 'peer-aes/1' ? aesUpgrade(options) : dhUpgrade(options)
}

const nobodyKnown: KnownPeers = {
  look: () => Promise.resolve({ identity: 'new', notices: [] }),
  remember: () => Promise.resolve(),
  opened: () => Promise.resolve(),
  markVerified: () => Promise.resolve(),
  forget: () => Promise.resolve(false),
  list: () => Promise.resolve([]),
}
