import type { EvaluationError } from '@p2p-secure-chat/core/calc/evaluate'
import { printableJson } from '@p2p-secure-chat/core/terminal/json-line'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Answer } from './client.ts'

/**
 * One answer for a program: `{v, expression, line, result}` or `{v, expression, line, error: {code, message, column}}`,
 * `line` where the expression is a line of the input.
 */
export function jsonLine({ expression, line, evaluation }: Answer): string {
  if ('result' in evaluation) return printableJson({ v: 1, expression, line, result: evaluation.result })
  const { code, message, column } = evaluation.error
  return printableJson({ v: 1, expression, line, error: { code, message, column } })
}

/** What went wrong with an expression, for a person. */
export function errorLine({ code, message }: EvaluationError, line?: number): string {
  return `error: ${atLine(line, printableLine(message))} (${code})`
}

/** What happened, and in which line of the input. */
export function atLine(line: number | undefined, message: string): string {
  return line === undefined ? message : `line ${line}: ${message}`
}
