import type { Socket } from 'node:net'
import { sealedRecords } from '@p2p-secure-chat/aes-chat/sealed-records'
import { conversationId } from '@p2p-secure-chat/basic-p2p/chat/conversation'
import { ACCEPT, CALL, RECEIPT, sessionLimits, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { mac } from '@p2p-secure-chat/core/cipher/mac'
import { randomBytes, type RandomSource } from '@p2p-secure-chat/core/cipher/random-pool'
import type { Group } from '@p2p-secure-chat/core/dh/groups'
import { socketChannel, type TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { ERROR, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { expectMessage } from '@p2p-secure-chat/core/wire/error-message'
import { withGoodbye } from '@p2p-secure-chat/core/wire/goodbye'
import { exchangeHello } from '@p2p-secure-chat/core/wire/hello'
import { ignorable } from '@p2p-secure-chat/core/contain'
import { limitsOf } from '@p2p-secure-chat/core/wire/message-type'
import { recordChannel } from '@p2p-secure-chat/core/wire/record-channel'
import type { RecordProtection } from '@p2p-secure-chat/core/wire/record-channel'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { dialogue, type DialogueTurn } from '@p2p-secure-chat/dh-chat/handshake/dialogue'
import type { TrafficSecrets } from '@p2p-secure-chat/dh-chat/handshake/handshake'
import { handshakeLimits } from '@p2p-secure-chat/dh-chat/handshake/handshake-upgrade'
import {
  decryptIdentity,
  KEY_AT,
  MAC_AT,
  sealIdentity,
  SIGNATURE_AT,
  type Signer,
} from '@p2p-secure-chat/dh-chat/handshake/identity-message'
import { agreeOnSecret } from '@p2p-secure-chat/dh-chat/handshake/key-agreement'
import {
  type HandshakeKeys,
  handshakeKeys,
  type SecureProtocol,
  sessionKeys,
} from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { type Transcript, transcriptOf } from '@p2p-secure-chat/dh-chat/handshake/transcript'
import { keystreamProtection } from '@p2p-secure-chat/dh-chat/keystream-protection'
import { CONFIRM, IDENTITY } from '@p2p-secure-chat/dh-chat/messages'
import { protocolOf, type SecureRung } from '../../rungs.ts'

/** A connection of mallory's own on which both hellos have been said. */
export interface Greeted {
  readonly channel: Channel
  /** Whether she dialled or was dialled. */
  readonly role: Role
  readonly protocol: SecureProtocol
  readonly turn: DialogueTurn
  /** What was said so far. */
  readonly transcript: Transcript
}

/** What an IDENTITY shows to the holder of its keys. */
export interface ShownIdentity {
  readonly name: string
  readonly key: Uint8Array
  readonly signature: Uint8Array
  /** All 161 bytes, in which these stand. */
  readonly plaintext: Uint8Array
}

/**
 * Mallory's side of a handshake, once she shares a secret with the other side. Up to this point identities do not matter: a
 * Diffie-Hellman exchange works with any peer. From here on each side asks for a proof.
 */
export interface MallorysHandshake {
  /** The other side's IDENTITY. She checks nothing of it. @throws {ChatError} when it refuses instead */
  hear(): Promise<ShownIdentity>
  /** Claims an identity: encrypted, tagged and with a valid MAC, since she has those keys. */
  show(who: Signer): Promise<void>
  /** CONFIRM, and the records that follow it. @throws {ChatError} as hear() */
  finish(): Promise<Channel>
}

const limits = new Map([...handshakeLimits, ...limitsOf([HELLO, ERROR])])

/** Says hello as any client does. @throws {ChatError} what the other side does not like about it */
export async function greet(
  socket: Socket,
  role: Role,
  rung: SecureRung,
  tap: TapSocket | undefined,
): Promise<Greeted> {
  const protocol = protocolOf(rung)
  const channel = socketChannel(socket, limits, tap?.(socket, role === 'initiator'))
  const { ours, theirs } = await exchangeHello(channel, { protocol })
  const hellos = role === 'initiator' ? { initiator: ours, responder: theirs } : { initiator: theirs, responder: ours }
  return { channel, role, protocol, turn: dialogue(channel, role), transcript: transcriptOf(hellos) }
}

/** An honest exchange with fresh numbers of her own. @throws {ChatError} the refusal of the other side */
export async function agree(greeted: Greeted, groups: readonly Group[]): Promise<MallorysHandshake> {
  const { turn, transcript } = greeted
  const agreed = await agreeOnSecret(turn, transcript, { groups, random: randomBytes })
  return afterExchange({ ...greeted, transcript: agreed.transcript }, agreed.shared)
}

/**
 * What follows the exchange.
 *
 * @param greeted with the transcript up to ANSWER
 * @param shared the secret
 * @param others what else it may be, where she does not know: the tag of the first IDENTITY that she hears tells
 */
export function afterExchange(
  greeted: Greeted,
  shared: Uint8Array,
  ...others: readonly Uint8Array[]
): MallorysHandshake {
  const { channel, role, protocol, turn } = greeted
  const other = role === 'initiator' ? 'responder' : 'initiator'
  const keysOf = (secret: Uint8Array) => handshakeKeys(protocol, greeted.transcript.hash(), secret)
  let keys = keysOf(shared)
  let { transcript } = greeted

  return {
    async hear() {
      const message = await turn(other, [IDENTITY.type], notMine)
      transcript = transcript.with(message)
      const fits = (guess: HandshakeKeys) => decryptIdentity(guess[other], message.body) !== null
      keys = others.map(keysOf).find(fits) ?? keys
      const plaintext = decryptIdentity(keys[other], message.body)
      if (plaintext === null) throw new Error('this is not the secret that the other side has')
      return {
        name: Buffer.from(plaintext.subarray(1, 1 + (plaintext[0] ?? 0))).toString(),
        key: plaintext.subarray(KEY_AT, SIGNATURE_AT),
        signature: plaintext.subarray(SIGNATURE_AT, MAC_AT),
        plaintext,
      }
    },

    async show(who) {
      const place = { protocol, role, keys: keys[role], transcript }
      transcript = transcript.with(await turn(role, [IDENTITY.type], () => sealIdentity(place, who)))
    },

    async finish() {
      const { confirm, traffic } = sessionKeys(protocol, transcript.hash(), keys.secret)
      await turn('responder', [CONFIRM.type], () => CONFIRM.message({ mac: mac(confirm, transcript.hash()) }))
      const records = recordsOf(protocol, { send: traffic[role], receive: traffic[other] }, role)
      return withGoodbye(recordChannel(channel, records, sessionLimits))
    },
  }
}

/** In the place of what she would say, where it is the other side's turn. */
export function notMine(): never {
  throw new TypeError('mallory waits for this message; she does not make it')
}

/**
 * The records of a rung, as its own clients make and open them, given the secrets.
 *
 * @param secrets as seen from the side of `role`; they belong to the records from here on
 * @param random for the initialisation vectors of the aes rung
 */
export function recordsOf(
  protocol: SecureProtocol,
  secrets: TrafficSecrets,
  role: Role,
  random: RandomSource = randomBytes,
): RecordProtection {
  if (protocol === 'peer-dh/1') return keystreamProtection(secrets)
  const { send, receive } = secrets
  const sendDirection = role === 'initiator' ? 0 : 1
  return sealedRecords({ sendSecret: send, receiveSecret: receive, sendDirection, random })
}

/** A conversation of mallory's in someone else's name, with texts only. */
export interface MallorysTalk {
  say(text: string): void
  /** The next text of the other side; null when it is done. @throws {ChatError} when the connection broke */
  hear(): Promise<string | null>
}

/**
 * Calls, or takes the call that comes, and holds a conversation (docs/protocol.md, Peers).
 *
 * @throws {ChatError} when no conversation comes of it
 */
export async function talkAsPeer(channel: Channel, role: Role): Promise<MallorysTalk> {
  const begin = { conversation: conversationId() }
  if (role === 'initiator') {
    await channel.send(CALL.message(begin))
    await expectMessage(channel, ACCEPT.type)
  } else {
    await expectMessage(channel, CALL.type)
    await channel.send(ACCEPT.message(begin))
  }
  let said = 0n
  return {
    say(text) {
      said += 1n
      void ignorable(channel.send(TEXT.message({ id: said, text })))
    },
    async hear() {
      for (let message = await channel.receive(); message !== null; message = await channel.receive()) {
        if (message.type !== TEXT.type) continue
        const { id, text } = TEXT.read(message.body)
        await channel.send(RECEIPT.message({ id }))
        return text
      }
      return null
    },
  }
}
