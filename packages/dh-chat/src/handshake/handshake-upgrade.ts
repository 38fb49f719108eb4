import { sessionLimits } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import type { KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import { randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import type { Group } from '@p2p-secure-chat/core/dh/groups'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { withGoodbye } from '@p2p-secure-chat/core/wire/goodbye'
import { limitsOf } from '@p2p-secure-chat/core/wire/message-type'
import { recordChannel, type RecordProtection } from '@p2p-secure-chat/core/wire/record-channel'
import type { Protection, Role, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { fingerprint } from '../identity/ed25519-key.ts'
import { handshake, type TrafficSecrets } from './handshake.ts'
import type { Identity } from '../identity/identity.ts'
import type { SecureProtocol } from './key-schedule.ts'
import type { KnownPeers, Standing } from '../identity/known-peers.ts'
import { safetyNumber } from '../identity/safety-number.ts'
import { UPGRADE } from '../messages.ts'

/** The messages on the raw channel after the hellos. Once records flow, nothing else is accepted. */
export const handshakeLimits = limitsOf([...UPGRADE, RECORD])

/** The notice in each conversation whose keys are logged; the client explains it at its start. */
const KEYS_KEPT = 'the keys of this conversation are written down: --keylog'

export interface AuthenticatedUpgradeOptions {
  readonly protocol: SecureProtocol
  readonly identity: Identity
  readonly knownPeers: KnownPeers
  /** The groups to accept, the best first, 1 to 16. */
  readonly groups: readonly Group[]
  /** Makes the records of this rung; it owns the secrets. */
  readonly protect: (secrets: TrafficSecrets, role: Role) => RecordProtection
  /** Whether those records cannot be altered, replayed, removed or cut unnoticed. */
  readonly integrity: boolean
  /** Absent or null when none is kept. */
  readonly keyLog?: KeyLog | null
}

/**
 * The upgrade of every rung with an identity: the handshake, in which our own memory of keys judges the peer, then
 * records of the rung's own kind with a goodbye inside.
 */
export function authenticatedUpgrade(options: AuthenticatedUpgradeOptions): Upgrade {
  const { protocol, identity, knownPeers, groups, protect, integrity, keyLog } = options
  const protection: Protection = { confidential: true, integrity }
  return {
    protocol,
    protection,
    limits: handshakeLimits,
    async upgrade(raw, introduction) {
      let standing: Standing = { identity: 'new', notices: [] }
      const { peer, secrets } = await handshake(raw, {
        ...introduction,
        protocol,
        identity,
        groups,
        random: randomBytes,
        onSecret: keyLog?.onSecret,
        trust: async ({ name, key }) => {
          try {
            standing = await knownPeers.look(name, key)
          } catch (error) {
            throw withDirection(error, name, introduction.role)
          }
        },
      })
      return {
        channel: withGoodbye(recordChannel(raw, protect(secrets, introduction.role), sessionLimits)),
        security: {
          protocol,
          peer: peer.name,
          ...protection,
          get identity() {
            return standing.identity
          },
          fingerprint: fingerprint(peer.key),
          safetyNumber: safetyNumber(identity, peer),
          precedes: Buffer.compare(identity.key, peer.key) < 0,
          notices: [...standing.notices, ...(keyLog?.notice == null ? [] : [KEYS_KEPT])],
          remember: () => knownPeers.remember(peer.name, peer.key),
          opened: () => knownPeers.opened(peer.name, peer.key),
          async verify() {
            await knownPeers.markVerified(peer.name, peer.key)
            standing = { ...standing, identity: 'verified' }
          },
        },
      }
    },
  }
}

/** Adds to a refused key how it reached us, so that a stranger's call does not look like the user's own. */
function withDirection(error: unknown, name: string, role: Role): unknown {
  if (!(error instanceof ChatError) || error.exitCode !== 3) return error
  const how = role === 'initiator' ? `${name} answered with` : `a call came in the name of ${name} with`
  return new ChatError(error.code, `${how} ${error.message}`, { cause: error, hint: error.hint, peer: error.peer })
}
