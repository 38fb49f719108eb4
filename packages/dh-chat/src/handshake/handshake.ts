import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import { mac, sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import type { Group } from '@p2p-secure-chat/core/dh/groups'
import type { RandomSource } from '@p2p-secure-chat/core/dh/integers'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { type Introduction, type Role, UNGUARDED } from '@p2p-secure-chat/core/wire/upgrade'
import { dialogue } from './dialogue.ts'
import type { Identity } from '../identity/identity.ts'
import { openIdentity, sealIdentity } from './identity-message.ts'
import { agreeOnSecret } from './key-agreement.ts'
import { handshakeKeys, type IdentityKeys, type SecureProtocol, sessionKeys } from './key-schedule.ts'
import type { Peer } from '../identity/peer.ts'
import { type Transcript, transcriptOf } from './transcript.ts'
import { CONFIRM, IDENTITY } from '../messages.ts'

export interface HandshakeOptions extends Introduction {
  readonly protocol: SecureProtocol
  readonly identity: Identity
  /** The groups to take, the best first, 1 to 16. */
  readonly groups: readonly Group[]
  /**
   * Decides whether the peer may have that name and key, before the peer learns anything that depends on it: the
   * initiator's identity, or the responder's confirmation.
   *
   * @throws {ChatError} to refuse it
   */
  readonly trust: (peer: Peer) => Promise<void>
  readonly random: RandomSource
  /** Is shown the secrets, for a key log that the user asked for. The bytes are wiped afterwards. */
  readonly onSecret?: KeyLog['onSecret'] | undefined
}

/** One secret for each direction, as seen from our side. */
export interface TrafficSecrets {
  readonly send: Uint8Array
  readonly receive: Uint8Array
}

/** What a handshake leads to. */
export interface Handshake {
  readonly peer: Peer
  readonly group: Group
  /** 32 bytes each; they belong to the caller, who wipes them. */
  readonly secrets: TrafficSecrets
}

/** What befell us and not what the other side sent: in a handshake these errors stay what they are. */
const OUR_OWN: ReadonlySet<ErrorCode> = new Set([
  'timeout',
  'cut',
  'closed',
  'too-many',
  'bad-known-peers',
  'unreadable',
  'unwritable',
])

/**
 * Agrees on fresh secrets with the other side and finds out who that is: the SIGMA-I handshake of docs/protocol.md.
 * Both sides run this one script; for each line, `turn` either says it or hears it.
 *
 * @param channel a channel on which the hellos have been exchanged
 * @throws {ChatError} `no-common-group`, `too-many`, `bad-public-value`, `bad-key`, `wrong-peer`, and what `trust` refuses with, such
 * as `key-changed`; `handshake-failed` for whatever else was wrong with what came; `timeout`, `cut`, `closed`
 * @throws {RangeError} when there are no groups, or more than 16
 */
export async function handshake(channel: Channel, options: HandshakeOptions): Promise<Handshake> {
  const { protocol, role, hellos, identity, trust, onSecret, guard = UNGUARDED } = options
  const turn = dialogue(channel, role, keyMayBeNew(identity.name, options.expected))
  const secrets: Uint8Array[] = []

  /** One side proves who it is, and the other one decides whether to go on. */
  async function introduce(speaker: Role, keys: IdentityKeys, transcript: Transcript): Promise<[Peer, Transcript]> {
    const place = { protocol, role: speaker, keys, transcript }
    if (speaker !== role) guard.awaits('identity')
    const message = await turn(speaker, [IDENTITY.type], () => sealIdentity(place, identity))
    if (speaker === role) return [identity, transcript.with(message)]
    const peer = openIdentity(place, message)
    checkPeer(peer, options)
    await trust(peer)
    return [peer, transcript.with(message)]
  }

  try {
    const { group, shared, transcript: t1 } = await agreeOnSecret(turn, transcriptOf(hellos), options)
    const keys = handshakeKeys(protocol, t1.hash(), shared)
    secrets.push(shared, keys.secret, ...Object.values(keys.initiator), ...Object.values(keys.responder))
    onSecret?.('handshake', t1.hash(), keys.secret)

    const [responder, t2] = await introduce('responder', keys.responder, t1)
    const [initiator, t3] = await introduce('initiator', keys.initiator, t2)

    // What was said leaves at the end of this turn: the other side need not wait for what we derive, here and below.
    await nextTurn()
    const { secret, confirm, traffic } = sessionKeys(protocol, t3.hash(), keys.secret)
    secrets.push(secret, confirm, traffic.initiator, traffic.responder)
    onSecret?.('session', t3.hash(), secret)

    const expected = mac(confirm, t3.hash())
    const { body } = await turn('responder', [CONFIRM.type], () => CONFIRM.message({ mac: expected }))
    if (!sameBytes(body, expected)) throw new ChatError('handshake-failed', 'the confirmation is wrong')
    await nextTurn()

    const [peer, they] = role === 'initiator' ? [responder, traffic.responder] : [initiator, traffic.initiator]
    return { peer, group, secrets: { send: traffic[role].slice(), receive: they.slice() } }
  } catch (error) {
    throw refusal(error)
  } finally {
    wipe(...secrets)
  }
}

/** What is likely where the peer refuses our key: its memory says why, and it does not. */
function keyMayBeNew(name: string, expected: string | null): string {
  const [who, whom] = expected === null ? ['the caller', 'them'] : [expected, expected]
  return (
    `${who} may remember another key of yours; if you have a new device, tell ${whom}: /forget ${name}; ` +
    'if not, someone on the path may be interfering'
  )
}

function checkPeer({ name, key }: Peer, { identity, expected }: HandshakeOptions): void {
  if (sameBytes(key, identity.key)) throw new ChatError('handshake-failed', 'the other side shows our own identity')
  if (expected !== null && name !== expected) {
    throw new ChatError('wrong-peer', `${expected} was called, ${name} answered`)
  }
}

/** Here nothing is a mere mistake: what does not follow the protocol may be somebody on the path. */
function refusal(error: unknown): unknown {
  if (!(error instanceof ChatError) || error.exitCode === 3 || OUR_OWN.has(error.code)) return error
  return new ChatError('handshake-failed', error.message, { cause: error })
}
