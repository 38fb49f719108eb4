import type { Evaluation } from '@p2p-secure-chat/core/calc/evaluate'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { COMMON, ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { decimal, object, oneOf, text, whole } from '@p2p-secure-chat/core/wire/json-field'
import { jsonMessageType } from '@p2p-secure-chat/core/wire/json-message-type'
import { limitsOf, type MessageType } from '@p2p-secure-chat/core/wire/message-type'
import type { ProtocolDescription } from '@p2p-secure-chat/core/wire/hello'

/** An expression to evaluate. Its size is the only limit on its length and depth. */
export const EVALUATE = jsonMessageType({
  type: 0x10,
  name: 'EVALUATE',
  from: 'calculator client',
  phase: 'request',
  limit: 65_536,
  refusable: true,
  fields: { id: whole(), expression: text() },
  summary: '{expression}',
  draws: [{ finding: 'plaintext' }],
  example: { id: 1, expression: '2 + 3 * 4' },
})

/** What an expression comes to; a number of 1,000 digits and its envelope fit. */
export const RESULT = jsonMessageType({
  type: 0x11,
  name: 'RESULT',
  from: 'calculator server',
  phase: 'request',
  limit: 2_048,
  answers: [EVALUATE],
  fields: { id: whole() },
  either: [
    { result: decimal() },
    {
      error: object({
        code: oneOf(['syntax', 'division-by-zero', 'overflow'], { show: 'code' }),
        message: text({ show: 'message' }),
        column: whole({ least: 1, show: 'column' }),
      }),
    },
  ],
  summary: '[{result}|{message}]',
  draws: [{ finding: 'plaintext' }],
  example: { id: 1, result: '20' },
})

export const CALCULATOR: ProtocolDescription = {
  name: 'calc/1',
  wire: [...COMMON, EVALUATE, RESULT],
  records: null,
}

/** What may cross a calculator's connection. */
export const calculatorLimits = limitsOf(CALCULATOR.wire)

/** @throws {ChatError} `too-large` when the expression does not fit into a message */
export function evaluateMessage(id: number, expression: string): Message {
  const message = EVALUATE.message({ id, expression })
  if (message.body.length > EVALUATE.limit) {
    const bytes = EVALUATE.limit.toLocaleString('en')
    throw new ChatError(
      'too-large',
      `an expression of ${expression.length} characters does not fit into ${bytes} bytes`,
    )
  }
  return message
}

/** @throws {ChatError} `unexpected-message`, `bad-message`, or what the client reports in an ERROR message */
export function readEvaluate(message: Message): { id: number; expression: string } {
  return EVALUATE.read(bodyOf(message, EVALUATE))
}

export function resultMessage(id: number, evaluation: Evaluation): Message {
  return RESULT.message({ id, ...evaluation })
}

/** @throws {ChatError} `unexpected-message`, `bad-message`, or what the server reports in an ERROR message */
export function readResult(message: Message): { id: number; evaluation: Evaluation } {
  const { id, ...evaluation } = RESULT.read(bodyOf(message, RESULT))
  return { id, evaluation }
}

function bodyOf({ type, body }: Message, { type: due }: MessageType): Uint8Array {
  if (type === due) return body
  if (type === ERROR.type) throw readError(body).error
  throw new ChatError('unexpected-message', `type 0x${type.toString(16)} came where 0x${due.toString(16)} was due`)
}
