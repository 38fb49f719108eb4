import { CONVERSATION } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { binaryMessageType } from '@p2p-secure-chat/core/wire/binary-message-type'
import { bytes, rest } from '@p2p-secure-chat/core/wire/body-part'
import { COMMON, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { hex, list, text } from '@p2p-secure-chat/core/wire/json-field'
import { jsonMessageType } from '@p2p-secure-chat/core/wire/json-message-type'
import type { ValueOf } from '@p2p-secure-chat/core/wire/message-type'
import type { ProtocolDescription } from '@p2p-secure-chat/core/wire/hello'

/** Most groups in an OFFER. */
export const OFFERED_GROUPS = 16

/** Bytes of the fresh nonce of each side. */
export const NONCE_BYTES = 32

/** Largest body, in bytes: it fits an 8192-bit value in hex and sixteen names of groups. */
const AGREEMENT = { phase: 'upgrade', limit: 8_192 } as const

const group = text({ least: 1, most: 80, of: 'a-z0-9:', show: 'dh.group', title: 'Group' })
const publicValue = hex(null, { show: 'dh.public', title: 'Public value' })
const nonce = hex(NONCE_BYTES)
const EXAMPLE = { group: 'ffdhe3072', public: '04d2', nonce: 'c0'.repeat(NONCE_BYTES) }

/** The groups that the initiator accepts, and its public value in one of them. */
export const OFFER = jsonMessageType({
  ...AGREEMENT,
  type: 0x31,
  name: 'OFFER',
  from: 'initiator',
  fields: {
    groups: list({ ...group, show: 'dh.groups', title: 'Groups offered' }, { least: 1, most: OFFERED_GROUPS }),
    group,
    public: publicValue,
    nonce,
  },
  summary: '{dh.group}[, {dh.bits} bits]',
  example: { groups: ['ffdhe3072', 'modp14'], ...EXAMPLE },
})

/** The group that the responder prefers. */
export const RETRY = jsonMessageType({
  ...AGREEMENT,
  type: 0x32,
  name: 'RETRY',
  from: 'responder',
  answers: [OFFER],
  fields: { group },
  summary: '{dh.group}',
  draws: [{ finding: 'retry' }],
  example: { group: 'modp14' },
})

/** The responder's public value in the group of the offer. */
export const ANSWER = jsonMessageType({
  ...AGREEMENT,
  type: 0x33,
  name: 'ANSWER',
  from: 'responder',
  answers: [OFFER],
  fields: { group, public: publicValue, nonce },
  summary: '{dh.group}[, {dh.bits} bits]',
  example: EXAMPLE,
})

export const IDENTITY = binaryMessageType({
  type: 0x34,
  name: 'IDENTITY',
  from: 'both peers',
  phase: 'upgrade',
  parts: [
    bytes('ciphertext', 161, { show: 'identity.ciphertext', title: 'Encrypted identity' }),
    bytes('tag', 32, { show: 'identity.tag', title: 'Tag' }),
  ],
  example: { ciphertext: new Uint8Array(161).fill(0xc1), tag: new Uint8Array(32).fill(0x7a) },
})

export const CONFIRM = binaryMessageType({
  type: 0x35,
  name: 'CONFIRM',
  from: 'responder',
  phase: 'upgrade',
  parts: [bytes('mac', 32, { show: 'confirm.mac', title: 'Confirmation' })],
  example: { mac: new Uint8Array(32).fill(0x3c) },
})

/** A record of the dh rung: frames under the key stream. */
export const KEYSTREAM_RECORD = binaryMessageType({
  ...RECORD,
  parts: [rest('ciphertext', { least: 1, most: RECORD.limit, show: 'record.ciphertext', title: 'Ciphertext' })],
  example: { ciphertext: new Uint8Array(18).fill(0xc1) },
})

export type Offer = ValueOf<typeof OFFER>
export type Retry = ValueOf<typeof RETRY>

/** The upgrade of every rung with an identity. */
export const UPGRADE = [OFFER, RETRY, ANSWER, IDENTITY, CONFIRM] as const

export const PEER_DH: ProtocolDescription = {
  name: 'peer-dh/1',
  wire: [...COMMON, ...UPGRADE, KEYSTREAM_RECORD],
  records: CONVERSATION,
}
