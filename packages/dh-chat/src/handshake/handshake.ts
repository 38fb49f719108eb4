import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import { mac, sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import type { Group } from '@p2p-secure-chat/core/dh/groups'
import type { RandomSource } from '@p2p-secure-chat/core/cipher/random-pool'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { type Introduction, type Role, UNGUARDED } from '@p2p-secure-chat/core/wire/upgrade'
import { dialogue } from './dialogue.ts'
import type { Identity, ProvenPeer } from '../identity/identity.ts'
import { openIdentity, sealIdentity } from './identity-message.ts'
import { agreeOnSecret } from './key-agreement.ts'
import { handshakeKeys, type IdentityKeys, type SecureProtocol, sessionKeys } from './key-schedule.ts'
import { type Transcript, transcriptOf } from './transcript.ts'
import { CONFIRM, IDENTITY } from '../messages.ts'

export interface HandshakeOptions extends Introduction {
  readonly protocol: SecureProtocol
  readonly identity: Identity
  /** The groups to accept, the best first, 1 to 16. */
  readonly groups: readonly Group[]
  /**
   * Decides whether the peer may have that name and key. It runs before the peer receives anything that depends on the
   * decision: the initiator's identity or the responder's confirmation.
   *
   * @throws {ChatError} to refuse the peer
   */
  readonly trust: (peer: ProvenPeer) => Promise<void>
  readonly random: RandomSource
  /** Receives the secrets for a key log that the user requested. The bytes are wiped afterwards. */
  readonly onSecret?: KeyLog['onSecret'] | undefined
}

/** One secret for each direction, as seen from our side. */
export interface TrafficSecrets {
  readonly send: Uint8Array
  readonly receive: Uint8Array
}

/** The result of a handshake. */
export interface Handshake {
  readonly peer: ProvenPeer
  readonly group: Group
  /** 32 bytes each; the caller owns and wipes them. */
  readonly secrets: TrafficSecrets
}

/** Errors on our side, not in what the other side sent: they keep their codes in a handshake. */
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
 * Agrees on fresh secrets with the other side and authenticates it: the SIGMA-I handshake of docs/protocol.md. Both sides
 * run this one script; `turn` either sends or receives each message.
 *
 * @param channel a channel on which the hellos have been exchanged
 * @throws {ChatError} `no-common-group`, `too-many`, `bad-public-value`, `bad-key`, `wrong-peer`, and what `trust` throws,
 * such as `key-changed`; `handshake-failed` for any other fault in a message; `timeout`, `cut`, `closed`
 * @throws {RangeError} when there are no groups, or more than 16
 */
export async function handshake(channel: Channel, options: HandshakeOptions): Promise<Handshake> {
  const { protocol, role, hellos, identity, trust, onSecret, guard = UNGUARDED } = options
  const turn = dialogue(channel, role, keyMayBeNew(identity.name, options.expected))
  const secrets: Uint8Array[] = []

  /** One side proves its identity, and the other one decides whether to go on. */
  async function introduce(
    speaker: Role,
    keys: IdentityKeys,
    transcript: Transcript,
  ): Promise<[ProvenPeer, Transcript]> {
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

    // Messages leave at the end of a turn: the other side need not wait while we derive keys, here and below.
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

/** The likely reason why the peer refuses our key; it never gives the reason itself. */
function keyMayBeNew(name: string, expected: string | null): string {
  const [who, whom] = expected === null ? ['the caller', 'them'] : [expected, expected]
  return (
    `${who} may remember another key of yours; if you have a new device, ask ${whom} to type /forget ${name}; ` +
    'if not, someone on the path may be interfering'
  )
}

function checkPeer({ name, key }: ProvenPeer, { identity, expected }: HandshakeOptions): void {
  if (sameBytes(key, identity.key)) throw new ChatError('handshake-failed', 'the other side presents our own identity')
  if (expected !== null && name !== expected) {
    throw new ChatError('wrong-peer', `you called ${expected}, but ${name} answered`)
  }
}

/** In a handshake, no fault is a mere mistake: somebody on the path may have caused it. */
function refusal(error: unknown): unknown {
  if (!(error instanceof ChatError) || error.exitCode === 3 || OUR_OWN.has(error.code)) return error
  return new ChatError('handshake-failed', error.message, { cause: error })
}
