import { binaryMessageType } from '@p2p-secure-chat/core/wire/binary-message-type'
import { u64, utf8 } from '@p2p-secure-chat/core/wire/body-part'
import { ERROR, GOODBYE, HELLO, KEEPALIVE } from '@p2p-secure-chat/core/wire/common-messages'
import { counter, hex, object, oneOf, optional, text } from '@p2p-secure-chat/core/wire/json-field'
import { jsonMessageType } from '@p2p-secure-chat/core/wire/json-message-type'
import { limitsOf, type ValueOf } from '@p2p-secure-chat/core/wire/message-type'
import type { ProtocolDescription } from '@p2p-secure-chat/core/wire/hello'
import { FILE_MESSAGES } from './files.ts'

/** Largest text, in bytes of UTF-8: a page, not a file. */
export const TEXT_LIMIT = 16_384

const CONTROL = { phase: 'conversation', limit: 256 } as const

/** Each side's own id of the conversation, 128 random bits. */
const conversation = hex(16, { show: 'conversation' })
/** The id of the latest text that has arrived. */
const received = counter({ show: 'received', title: 'Texts received' })

/** A name that nothing proves: all there is of an upgrade on the basic rung. */
export const NAME = jsonMessageType({
  type: 0x30,
  name: 'NAME',
  from: 'both peers, basic rung',
  phase: 'upgrade',
  limit: 256,
  fields: { name: text() },
  summary: '{name}',
  draws: [{ finding: 'unproven-name' }],
  example: { name: 'alice' },
})

/** Asks for a new conversation, or to resume one whose connection broke. */
export const CALL = jsonMessageType({
  ...CONTROL,
  type: 0x50,
  name: 'CALL',
  from: 'initiator',
  fields: {
    conversation,
    resume: optional(
      object({
        conversation: hex(16, { show: 'resume.conversation', title: 'Conversation that goes on' }),
        received,
      }),
    ),
  },
  summary: '[{resume.conversation} goes on, texts received: {received}]',
  example: { conversation: '11'.repeat(16), resume: { conversation: 'f2'.repeat(16), received: 17n } },
})

export const ACCEPT = jsonMessageType({
  ...CONTROL,
  type: 0x51,
  name: 'ACCEPT',
  from: 'responder',
  answers: [CALL],
  fields: { conversation, received: optional(received) },
  summary: '[goes on, texts received: {received}]',
  example: { conversation: 'f2'.repeat(16), received: 4n },
})

export const DECLINE = jsonMessageType({
  ...CONTROL,
  type: 0x52,
  name: 'DECLINE',
  from: 'responder',
  answers: [CALL],
  fields: { code: oneOf(['declined', 'busy', 'crossed', 'no-conversation']) },
  summary: '{code}',
  draws: [{ finding: 'refused' }],
  example: { code: 'declined' },
})

export const TEXT = binaryMessageType({
  type: 0x53,
  name: 'TEXT',
  from: 'both peers',
  phase: 'conversation',
  parts: [u64('id'), utf8('text', { most: TEXT_LIMIT })],
  summary: '"{text}"',
  draws: [{ finding: 'plaintext' }],
  example: { id: 1n, text: 'hello' },
})

/** Acknowledges every text up to that one. */
export const RECEIPT = binaryMessageType({
  type: 0x54,
  name: 'RECEIPT',
  from: 'both peers',
  phase: 'conversation',
  answers: [TEXT],
  parts: [u64('id')],
  summary: 'up to {id}',
  example: { id: 1n },
})

/** What a caller asks for. */
export type CallMessage = ValueOf<typeof CALL>

/** What the callee answers: its own id, and how much it has of a conversation that resumes. */
export type AcceptMessage = ValueOf<typeof ACCEPT>

/** Why a call is declined. */
export type DeclineCode = ValueOf<typeof DECLINE>['code']

/** The messages of a conversation: plain frames on the basic rung, inside records on the others. */
export const CONVERSATION = [ERROR, GOODBYE, KEEPALIVE, CALL, ACCEPT, DECLINE, TEXT, RECEIPT, ...FILE_MESSAGES] as const

export const sessionLimits = limitsOf(CONVERSATION)

export const PEER_BASIC: ProtocolDescription = {
  name: 'peer-basic/1',
  wire: [HELLO, NAME, ...CONVERSATION],
  records: null,
}

/** What may cross a connection of the basic rung after the hellos. */
export const plainLimits = limitsOf([NAME, ...CONVERSATION])
