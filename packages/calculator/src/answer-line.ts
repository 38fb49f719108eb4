import type { EvaluationError } from '@p2p-secure-chat/core/calc/evaluate'
import { printableJson } from '@p2p-secure-chat/core/terminal/json-line'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Answer } from './client.ts'

/** One answer for a program: `{v, expression, result}` or `{v, expression, error: {code, message, column}}`. */
export function jsonLine({ expression, evaluation }: Answer): string {
  if ('result' in evaluation) return printableJson({ v: 1, expression, result: evaluation.result })
  const { code, message, column } = evaluation.error
  return printableJson({ v: 1, expression, error: { code, message, column } })
}

/** What went wrong with an expression, for a person. */
export function errorLine({ code, message }: EvaluationError): string {
  return `error: ${printableLine(message)} (${code})`
}
