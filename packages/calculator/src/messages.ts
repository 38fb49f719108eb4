import type { Evaluation } from '@p2p-secure-chat/core/calc/evaluate'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { ERROR_LIMIT, readError } from '@p2p-secure-chat/core/wire/error-message'
import type { FrameLimits, Message } from '@p2p-secure-chat/core/wire/frame'
import { HELLO_LIMIT } from '@p2p-secure-chat/core/wire/hello'
import { jsonMessage, readJson } from '@p2p-secure-chat/core/wire/json-body'
import { ERROR, EVALUATE, GOODBYE, HELLO, KEEPALIVE, RESULT } from '@p2p-secure-chat/core/wire/message-types'
import * as v from 'valibot'

/** Largest body of an EVALUATE message, in bytes: the only limit on the length and depth of an expression. */
export const EVALUATE_LIMIT = 64 * 1024

/** Largest body of a RESULT message, in bytes: a number of 1,000 digits and its envelope. */
const RESULT_LIMIT = 2 * 1024

/** What may cross a calculator's connection. */
export const calculatorLimits: FrameLimits = new Map([
  [HELLO, HELLO_LIMIT],
  [ERROR, ERROR_LIMIT],
  [GOODBYE, 0],
  [KEEPALIVE, 0],
  [EVALUATE, EVALUATE_LIMIT],
  [RESULT, RESULT_LIMIT],
])

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

const evaluateSchema = v.object({ id, expression: v.string() })

/** Plain decimal notation and nothing else, so that it is safe to print. */
const number = v.pipe(v.string(), v.regex(/^-?\d+(?:\.\d+)?$/))

const error = v.object({
  code: v.picklist(['syntax', 'division-by-zero', 'overflow']),
  message: v.string(),
  column: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
})

const resultSchema = v.union([v.object({ id, result: number }), v.object({ id, error })])

/** @throws {ChatError} `too-large` when the expression does not fit into a message */
export function evaluateMessage(id: number, expression: string): Message {
  const message = jsonMessage(EVALUATE, { id, expression })
  if (message.body.length > EVALUATE_LIMIT) {
    const bytes = EVALUATE_LIMIT.toLocaleString('en')
    throw new ChatError(
      'too-large',
      `an expression of ${expression.length} characters does not fit into ${bytes} bytes`,
    )
  }
  return message
}

/** @throws {ChatError} `unexpected-message`, `bad-message`, or what the client reports in an ERROR message */
export function readEvaluate(message: Message): { id: number; expression: string } {
  return readJson(evaluateSchema, bodyOf(message, EVALUATE))
}

export function resultMessage(id: number, evaluation: Evaluation): Message {
  return jsonMessage(RESULT, { id, ...evaluation })
}

/** @throws {ChatError} `unexpected-message`, `bad-message`, or what the server reports in an ERROR message */
export function readResult(message: Message): { id: number; evaluation: Evaluation } {
  const { id, ...evaluation } = readJson(resultSchema, bodyOf(message, RESULT))
  return { id, evaluation }
}

function bodyOf({ type, body }: Message, due: number): Uint8Array {
  if (type === due) return body
  if (type === ERROR) throw readError(body).error
  throw new ChatError('unexpected-message', `type 0x${type.toString(16)} came where 0x${due.toString(16)} was due`)
}
