import type { EvaluationError } from '@p2p-secure-chat/core/calc/evaluate'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Answer } from './client.ts'

/** One answer for a program: `{v, expression, result}` or `{v, expression, error: {code, message, column}}`. */
export function jsonLine({ expression, evaluation }: Answer): string {
  if ('result' in evaluation) return JSON.stringify({ v: 1, expression, result: evaluation.result })
  const { code, message, column } = evaluation.error
  return JSON.stringify({ v: 1, expression, error: { code, message: printableLine(message), column } })
}

/** What went wrong with an expression, for a person. */
export function errorLine({ code, message }: EvaluationError): string {
  return `error: ${printableLine(message)} (${code})`
}
