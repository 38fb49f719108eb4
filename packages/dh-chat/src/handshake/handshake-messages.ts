import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage, readJson } from '@p2p-secure-chat/core/wire/json-body'
import { ANSWER, OFFER, RETRY } from '@p2p-secure-chat/core/wire/message-types'
import * as v from 'valibot'

/** Most groups in an OFFER. */
export const OFFERED_GROUPS = 16

/** Bytes of the fresh nonce of each side. */
export const NONCE_BYTES = 32

const groupName = v.pipe(v.string(), v.regex(/^[a-z0-9:]{1,80}$/, 'not the name of a group'))
const hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/, 'not lower-case hex'))
const nonce = v.pipe(hex, v.length(2 * NONCE_BYTES))
const offerSchema = v.object({
  groups: v.pipe(v.array(groupName), v.minLength(1), v.maxLength(OFFERED_GROUPS)),
  group: groupName,
  public: hex,
  nonce,
})
const retrySchema = v.object({ group: groupName })
const answerSchema = v.object({ group: groupName, public: hex, nonce })

/** The groups the initiator would take, and its public value in one of them. Bytes are in hex. */
export type Offer = v.InferOutput<typeof offerSchema>
/** The group the responder wants instead. */
export type Retry = v.InferOutput<typeof retrySchema>
/** The responder's public value in the group of the offer. Bytes are in hex. */
export type Answer = v.InferOutput<typeof answerSchema>

/** OFFER, RETRY and ANSWER are JSON (docs/protocol.md, OFFER, RETRY, ANSWER). */
export const offerMessage = (offer: Offer): Message => jsonMessage(OFFER, offer)
export const retryMessage = (retry: Retry): Message => jsonMessage(RETRY, retry)
export const answerMessage = (answer: Answer): Message => jsonMessage(ANSWER, answer)

/** The shape is checked here, what it means is not. @throws {ChatError} `bad-message` */
export const readOffer = ({ body }: Message): Offer => readJson(offerSchema, body)
export const readRetry = ({ body }: Message): Retry => readJson(retrySchema, body)
export const readAnswer = ({ body }: Message): Answer => readJson(answerSchema, body)
