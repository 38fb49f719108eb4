import { ChatError } from '@p2p-secure-chat/core/errors'
import { ERROR_LIMIT } from '@p2p-secure-chat/core/wire/error-message'
import type { FrameLimits, Message } from '@p2p-secure-chat/core/wire/frame'
import { decodeText, jsonMessage } from '@p2p-secure-chat/core/wire/json-body'
import * as type from '@p2p-secure-chat/core/wire/message-types'
import * as v from 'valibot'
import { fileLimits } from '../files/file-messages.ts'

/** Largest text, in bytes of UTF-8: a page, not a file. */
export const TEXT_LIMIT = 16_384

/** Bytes of the u64 id in front of a text, and in a receipt. */
export const ID_BYTES = 8
const CONTROL_LIMIT = 256

/** What may cross a conversation: as plain frames on the basic rung, inside records on the others. */
export const sessionLimits: FrameLimits = new Map([
  [type.ERROR, ERROR_LIMIT],
  [type.GOODBYE, 0],
  [type.KEEPALIVE, 0],
  [type.CALL, CONTROL_LIMIT],
  [type.ACCEPT, CONTROL_LIMIT],
  [type.DECLINE, CONTROL_LIMIT],
  [type.TEXT, ID_BYTES + TEXT_LIMIT],
  [type.RECEIPT, ID_BYTES],
  ...fileLimits,
])

const conversation = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))
/** The id of a text as a decimal string: JSON numbers end before 2^64. */
const received = v.pipe(
  v.string(),
  v.regex(/^(?:0|[1-9][0-9]{0,19})$/),
  v.transform((id: string) => BigInt(id)),
)

export const callSchema = v.object({ conversation, resume: v.optional(v.object({ conversation, received })) })
export const acceptSchema = v.object({ conversation, received: v.optional(received) })
export const declineSchema = v.object({ code: v.picklist(['declined', 'busy', 'crossed', 'no-conversation']) })

/** What a caller asks for: a new conversation, or to go on with one whose connection broke. */
export type CallMessage = v.InferOutput<typeof callSchema>

/** What the callee answers: its own id, and how much it has of a conversation that goes on. */
export type AcceptMessage = v.InferOutput<typeof acceptSchema>

/** Why a call is not taken. */
export type DeclineCode = v.InferOutput<typeof declineSchema>['code']

export function callMessage({ conversation, resume }: CallMessage): Message {
  return jsonMessage(type.CALL, { conversation, resume: resume && { ...resume, received: String(resume.received) } })
}

export function acceptMessage({ conversation, received }: AcceptMessage): Message {
  return jsonMessage(type.ACCEPT, { conversation, received: received === undefined ? undefined : String(received) })
}

/** TEXT: `u64 id | UTF-8 text`. */
export function textMessage(id: bigint, text: string): Message {
  const utf8 = Buffer.from(text, 'utf8')
  const body = new Uint8Array(ID_BYTES + utf8.length)
  writeId(body, id)
  body.set(utf8, ID_BYTES)
  return { type: type.TEXT, body }
}

/** @throws {ChatError} `bad-message` when it is shorter than its id or not UTF-8 */
export function readText(body: Uint8Array): { id: bigint; text: string } {
  return { id: readId(body), text: decodeText(body.subarray(ID_BYTES)) }
}

/** RECEIPT: `u64 id`, which acknowledges every text up to that one. */
export function receiptMessage(id: bigint): Message {
  const body = new Uint8Array(ID_BYTES)
  writeId(body, id)
  return { type: type.RECEIPT, body }
}

/** @throws {ChatError} `bad-message` when it has not exactly the bytes of an id */
export function readReceipt(body: Uint8Array): bigint {
  if (body.length !== ID_BYTES) throw new ChatError('bad-message', 'a receipt has 8 bytes')
  return readId(body)
}

function writeId(body: Uint8Array, id: bigint): void {
  new DataView(body.buffer, body.byteOffset).setBigUint64(0, id)
}

function readId(body: Uint8Array): bigint {
  if (body.length < ID_BYTES) throw new ChatError('bad-message', 'a message is shorter than its id')
  return new DataView(body.buffer, body.byteOffset).getBigUint64(0)
}
