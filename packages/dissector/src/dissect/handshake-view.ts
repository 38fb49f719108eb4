import { isName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { hkdfExtract } from '@p2p-secure-chat/core/cipher/hkdf'
import { mac, sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { groupNames, namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import {
  checkIdentity,
  decryptIdentity,
  identityMac,
  type IdentityPlace,
  KEY_AT,
  MAC_AT,
  SIGNATURE_AT,
} from '@p2p-secure-chat/dh-chat/handshake/identity-message'
import {
  type HandshakeKeys,
  handshakeKeysOf,
  type SecureProtocol,
  type SessionKeys,
  sessionKeysOf,
} from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { type Transcript, transcriptOf } from '@p2p-secure-chat/dh-chat/handshake/transcript'
import { fingerprint } from '@p2p-secure-chat/dh-chat/identity/ed25519-key'
import type { ProvenPeer } from '@p2p-secure-chat/dh-chat/identity/identity'
import { safetyNumber } from '@p2p-secure-chat/dh-chat/identity/safety-number'
import { ANSWER, OFFER, RETRY } from '@p2p-secure-chat/dh-chat/messages'
import { otherSide, type Side } from '../capture/stream-event.ts'
import type { Field } from '../message/field.ts'
import type { Finding } from '../message/finding.ts'
import { hexOf } from '../message/read-body.ts'
import { messageOf, type Values } from '../message/read-message.ts'
import type { Plaintext } from './observation.ts'
import { type Opened, type Traffic, withoutPlaintext } from './record-view.ts'
import type { Secrets } from './secrets.ts'

/** Follows one handshake of the secure rungs, and opens what the key log has the secrets of. */
export interface HandshakeView {
  /** Takes HELLO, OFFER, RETRY and ANSWER in order, and lets everything else pass. */
  hear(from: Side, message: Message): void
  identity(from: Side, frame: Uint8Array): Opened
  confirm(frame: Uint8Array): Opened
  /** What the records of a side are sealed with; null where the key log does not know. */
  traffic(from: Side): Traffic | null
}

/** A frame for which there is no key. */
const SEALED = withoutPlaintext('sealed', [], ['no-key'])

/** Of a CONFIRM for which there is no key: a MAC hides nothing. */
export const NOT_CHECKED = 'not checked'

const MESSAGES_OF_AGREEMENT: readonly number[] = [OFFER.type, RETRY.type, ANSWER.type]

/** The side that offers is the initiator. */
export function handshakeView(protocol: SecureProtocol, keys: Secrets): HandshakeView {
  const hellos = new Map<Side, Message>()
  const peers = new Map<Role, ProvenPeer>()
  let initiator: Side | null = null
  let agreement: Transcript | null = null
  let t1: Transcript | null = null
  let t2: Transcript | null = null
  let t3: Transcript | null = null
  let handshake: HandshakeKeys | null = null
  let session: SessionKeys | null = null
  /** What is wrong with the key log; null as long as nothing is known to be. */
  let contradiction: string | null = null

  const roleOf = (side: Side): Role => (side === initiator ? 'initiator' : 'responder')

  function handshakeKeys(): HandshakeKeys | null {
    const secret = handshake === null && t1 !== null ? keys.secret('handshake', t1.hash()) : null
    if (secret !== null) handshake = handshakeKeysOf(protocol, secret)
    return handshake
  }

  function sessionKeys(): SessionKeys | null {
    const secret = session === null && t3 !== null ? keys.secret('session', t3.hash()) : null
    if (secret !== null && t3 !== null) {
      if (handshake !== null && !sameBytes(secret, hkdfExtract(t3.hash(), handshake.secret))) {
        contradiction = 'or the key log is: its two lines for this handshake do not belong together'
        keys.contradict()
      }
      session = sessionKeysOf(protocol, secret)
    }
    return session
  }

  function begin(from: Side): Transcript | null {
    initiator = from
    const ours = hellos.get(from)
    const theirs = hellos.get(otherSide(from))
    return ours === undefined || theirs === undefined ? null : transcriptOf({ initiator: ours, responder: theirs })
  }

  function open(role: Role, transcript: Transcript, body: Uint8Array): Opened | null {
    const all = handshakeKeys()
    if (all === null) return null
    const place: IdentityPlace = { protocol, role, keys: all[role], transcript }
    const plaintext = decryptIdentity(place.keys, body)
    if (plaintext === null) {
      return withoutPlaintext(
        'does not open: its tag is wrong',
        [status('identity.tag_status', false)],
        ['bad-identity'],
      )
    }
    const fields = [status('identity.tag_status', true)]
    const seen = plaintextOf(place, plaintext)
    try {
      const peer = checkIdentity(place, plaintext)
      if (!peers.has(role)) peers.set(role, peer)
      return { fields, findings: [], plaintext: seen, line: `of ${peer.name}, key ${fingerprint(peer.key)}` }
    } catch (error) {
      rethrowUnless(error)
      const findings = [{ code: 'bad-identity' as const, detail: error.message }]
      return { fields, findings, plaintext: seen, line: `does not hold: ${error.message}` }
    }
  }

  return {
    hear(from, message) {
      // A copy, which slice() of a Buffer is not: the large piece of the file behind it would stay as long as this does.
      if (message.type === HELLO.type && !hellos.has(from))
        hellos.set(from, { ...message, body: new Uint8Array(message.body) })
      if (!MESSAGES_OF_AGREEMENT.includes(message.type) || t1 !== null) return
      if (initiator === null && message.type === OFFER.type) agreement = begin(from)
      agreement = agreement?.with(message) ?? null
      if (message.type === ANSWER.type) t1 = agreement
    },

    identity(from, frame) {
      const role = roleOf(from)
      const message = messageOf(frame)
      const before = role === 'responder' ? t1 : t2
      if (before === null) return SEALED
      const opened = open(role, before, message.body)
      if (role === 'responder') t2 ??= before.with(message)
      else t3 ??= before.with(message)
      return opened ?? SEALED
    },

    confirm(frame) {
      const all = sessionKeys()
      if (all === null || t3 === null) return withoutPlaintext(NOT_CHECKED, [], ['no-key'])
      const good = sameBytes(messageOf(frame).body, mac(all.confirm, t3.hash()))
      const [one, other] = [peers.get('initiator'), peers.get('responder')]
      const number = good && one !== undefined && other !== undefined ? safetyNumber(one, other) : null
      const fields: Field[] = [status('confirm.status', good)]
      if (number !== null) fields.push({ name: 'safety_number', value: number, place: null })
      const bad = { code: 'bad-confirm', detail: contradiction } as const
      if (!good) return { fields, findings: [bad], plaintext: null, line: 'is wrong' }
      const holds = 'both sides have the same keys'
      return withoutPlaintext(number === null ? holds : `safety number ${number}: ${holds}`, fields)
    },

    traffic(from) {
      const role = roleOf(from)
      const secret = sessionKeys()?.traffic[role]
      return secret === undefined ? null : { role, secret: secret.slice() }
    },
  }
}

function status(name: string, good: boolean): Field {
  return { name, value: good ? 'good' : 'bad', place: null }
}

function plaintextOf(place: IdentityPlace, bytes: Uint8Array): Plaintext {
  const length = bytes[0] ?? 0
  const name = Buffer.from(bytes.subarray(1, 1 + length)).toString('latin1')
  const piece = (field: string, at: number, to: number): Field => ({
    name: field,
    value: hexOf(bytes.subarray(at, to)),
    place: { at, length: to - at },
  })
  const fields: Field[] = [
    piece('identity.key', KEY_AT, SIGNATURE_AT),
    piece('identity.signature', SIGNATURE_AT, MAC_AT),
    piece('identity.mac', MAC_AT, bytes.length),
    status('identity.mac_status', sameBytes(bytes.subarray(MAC_AT), identityMac(place, bytes))),
    { name: 'fingerprint', value: fingerprint(bytes.subarray(KEY_AT, SIGNATURE_AT)), place: null },
  ]
  if (isName(name)) fields.unshift({ name: 'name', value: name, place: { at: 1, length } })
  return { bytes, fields, frames: [] }
}

/** Below this nobody should trust a group today (NIST SP 800-57 part 1, table 2: 112 bits of strength). */
const SAFE_BITS = 2_048

/** What can be said of the group and the public value of an OFFER or ANSWER: computed fields, and findings. */
export function viewGroup(values: Values): {
  readonly fields: readonly Field[]
  readonly findings: readonly Finding[]
} {
  const name = values.first('dh.group')
  const group = groupNames.includes(name) ? namedGroup(name) : null
  const [publicValue = null] = values.all('dh.public')
  const isHex = publicValue !== null && /^[0-9a-f]+$/i.test(publicValue)
  const bits = group?.bits ?? (isHex ? 4 * publicValue.length : null)
  const fields: Field[] = bits === null ? [] : [{ name: 'dh.bits', value: String(bits), place: null }]
  const findings: Finding[] = []
  if (bits !== null && bits < SAFE_BITS) findings.push({ code: 'small-group', detail: `${bits} bits` })
  if (publicValue !== null) {
    const value = isHex ? BigInt(`0x${publicValue}`) : null
    const outside = value === null || value < 2n || (group !== null && value >= group.p - 1n)
    if (outside) findings.push({ code: 'bad-public-value', detail: value === null ? 'it is no number' : null })
  }
  return { fields, findings }
}
