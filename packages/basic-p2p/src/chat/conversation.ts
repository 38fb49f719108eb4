import { type RandomSource, randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Delivery, delivery } from './delivery.ts'
import { type CallMessage, TEXT_LIMIT } from '../messages/conversation.ts'

/** Bytes of an id: nobody draws the same one again. */
const ID_BYTES = 16

/** What two people say to each other, whichever connection carries it: it outlives the one that breaks. */
export interface Conversation {
  /** Our id of it: 32 random hex digits. */
  readonly id: string
  /** The peer's id of it; null until the call is accepted. */
  theirs: string | null
  readonly texts: Delivery
}

/** A conversation in which nothing was said yet. */
export function conversation(random: RandomSource = randomBytes): Conversation {
  return { id: Buffer.from(random(ID_BYTES)).toString('hex'), theirs: null, texts: delivery() }
}

/**
 * Keeps a text of ours for sending.
 *
 * @returns its name, which nobody else's text has
 * @throws {ChatError} `too-large`, `too-many`
 */
export function keepText({ id, texts }: Conversation, text: string): string {
  if (Buffer.byteLength(text) > TEXT_LIMIT) throw new ChatError('too-large', `a text has at most ${TEXT_LIMIT} bytes`)
  return nameText(id, texts.send(text))
}

/** A text's name among all texts of all conversations, the same on both sides; 64 of the random bits are enough. */
export function nameText(conversation: string, id: bigint): string {
  return `${conversation.slice(0, 16)}-${id}`
}

/** Whether texts of two conversations would have the same names. */
export function sharesNames(one: string, other: string): boolean {
  return nameText(one, 0n) === nameText(other, 0n)
}

/** @returns the first texts of ours that the peer has not acknowledged, at most `most` of them */
export function unacknowledgedTexts({ id, texts }: Conversation, most: number): { id: string; text: string }[] {
  const count = Math.min(most, texts.unacknowledged)
  return Array.from({ length: count }, (_, index) => {
    const next = texts.acknowledged + 1n + BigInt(index)
    return { id: nameText(id, next), text: texts.text(next) }
  })
}

/** Whether a call asks to go on with this conversation, and knows as much of it as a peer can. */
export function isResumedBy({ id, theirs, texts }: Conversation, call: CallMessage): boolean {
  const { conversation: caller, resume } = call
  if (resume === undefined || resume.conversation !== id || caller !== theirs) return false
  return texts.acknowledged <= resume.received && resume.received <= texts.sent
}
