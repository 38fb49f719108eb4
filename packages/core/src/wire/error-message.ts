import { asChatError, ChatError, type ErrorCode, isErrorCode } from '../errors.ts'
import type { Channel } from './channel.ts'
import { ERROR } from './common-messages.ts'
import type { Message } from './frame.ts'
import type { ValueOf } from './message-type.ts'

/** Longest text that we send with a code, in characters: even as six-byte escapes they fit into an ERROR. */
const TEXT_LIMIT = 150

/** The speaker on a connection between two equals. */
const OTHER_SIDE = 'the other side'

/** What the other side may blame us for. Any other code is ours alone to find: a peer that claims it is not believed. */
export const REMOTE_CODES: ReadonlySet<ErrorCode> = new Set([
  'wrong-protocol',
  'wrong-version',
  'bad-frame',
  'too-large',
  'unknown-type',
  'unexpected-message',
  'bad-message',
  'timeout',
  'too-many',
  'bad-name',
  'name-taken',
  'unknown-user',
  'bad-proof',
  'declined',
  'no-common-group',
])

/**
 * Tells the other side what was wrong, before the connection ends or as the answer to request `id`. A code that is not
 * for others (say, why a record was rejected) goes out as `bad-message`.
 */
export function errorMessage(error: ChatError, id?: number): Message {
  const told = REMOTE_CODES.has(error.code)
  return ERROR.message({
    ...(id === undefined ? {} : { id }),
    code: told ? error.code : 'bad-message',
    message: told ? error.message.slice(0, TEXT_LIMIT) : 'refused',
  })
}

/**
 * Reads an ERROR message into the error it stands for, and the request it answers, if any. Its words are those of
 * `speaker`, and say so.
 *
 * @throws {ChatError} `bad-message`, which counts as reported as well
 */
export function readError(body: Uint8Array, speaker = OTHER_SIDE): { id: number | undefined; error: ChatError } {
  const { id, code, message } = readBody(body)
  const known = isErrorCode(code) && REMOTE_CODES.has(code) ? code : 'unexpected-message'
  return { id, error: new ChatError(known, `${speaker} says: ${message.slice(0, TEXT_LIMIT)}`, { reported: true }) }
}

function readBody(body: Uint8Array): ValueOf<typeof ERROR> {
  try {
    return ERROR.read(body)
  } catch (cause) {
    throw new ChatError('bad-message', `the other side sent a malformed ERROR: ${asChatError(cause).message}`, {
      cause,
      reported: true,
    })
  }
}

/**
 * Waits for the one message that may come now.
 *
 * @throws {ChatError} what the other side reports in an ERROR message; `unexpected-message` for any other type; `cut`
 * when the other side leaves instead
 */
export async function expectMessage(channel: Channel, type: number, speaker = OTHER_SIDE): Promise<Uint8Array> {
  const message = await channel.receive()
  if (message === null) throw new ChatError('cut', 'the other side left in the middle of the exchange')
  if (message.type === type) return message.body
  if (message.type === ERROR.type) throw readError(message.body, speaker).error
  throw new ChatError(
    'unexpected-message',
    `type 0x${message.type.toString(16)} came where 0x${type.toString(16)} was due`,
  )
}
