import { mac, MAC_BYTES, sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { handshakeKeys, sessionKeys } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { transcriptOf } from '@p2p-secure-chat/dh-chat/handshake/transcript'
import { keyLogLine } from '@p2p-secure-chat/dh-chat/key-log'
import { otherSide, type Side } from '../capture/stream-event.ts'
import { messageOf } from '../message/read-message.ts'
import type { SeenHandshake } from './evidence.ts'

/** The two secrets of a handshake, each with the hash of the transcript that a key log names it by. */
export interface OpenedHandshake {
  /** Whether the tag of the first identity in the capture fits: the proof that these are the secrets both sides had. */
  readonly proved: boolean
  readonly handshake: Secret
  /** Null where an identity is not in the capture. */
  readonly session: Secret | null
}

export interface Secret {
  readonly transcriptHash: Uint8Array
  readonly secret: Uint8Array
}

/**
 * Derives what both sides derived (docs/protocol.md, Transcript and Key schedule): with the shared secret known, all the
 * rest is in the open.
 *
 * @param shared the Diffie-Hellman secret as bytes of exactly the length of p
 */
export function openHandshake(seen: SeenHandshake, shared: Uint8Array): OpenedHandshake {
  const sideOf: Record<Role, Side> = {
    initiator: seen.initiator,
    responder: otherSide(seen.initiator),
  }
  const hellos = {
    initiator: messageOf(seen.hellos[sideOf.initiator]),
    responder: messageOf(seen.hellos[sideOf.responder]),
  }
  const t1 = seen.agreement.reduce((transcript, frame) => transcript.with(messageOf(frame)), transcriptOf(hellos))
  const keys = handshakeKeys(seen.spoken, t1.hash(), shared)
  const handshake = { transcriptHash: t1.hash(), secret: keys.secret }

  const [first, second] = [seen.identities[sideOf.responder], seen.identities[sideOf.initiator]]
  if (first === null) return { proved: false, handshake, session: null }
  const proved = hasTag(first, keys.responder.tag)
  if (second === null) return { proved, handshake, session: null }
  const t3 = t1.with(messageOf(first)).with(messageOf(second))
  const { secret } = sessionKeys(seen.spoken, t3.hash(), keys.secret)
  return { proved, handshake, session: { transcriptHash: t3.hash(), secret } }
}

function hasTag(identity: Uint8Array, key: Uint8Array): boolean {
  const tag = identity.subarray(-MAC_BYTES)
  return sameBytes(tag, mac(key, identity.subarray(HEADER_BYTES, -MAC_BYTES)))
}

/** Lines of a key log (docs/protocol.md, Key log): with them every reader opens the capture. */
export function keyLogLines(handshakes: readonly OpenedHandshake[]): string {
  return handshakes
    .flatMap(({ handshake, session }) => [
      keyLogLine('handshake', handshake.transcriptHash, handshake.secret),
      ...(session === null ? [] : [keyLogLine('session', session.transcriptHash, session.secret)]),
    ])
    .join('')
}
