import type { EvaluationError } from '@p2p-secure-chat/core/calc/evaluate'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Answer } from './client.ts'

/**
 * One answer for a program: `{expression, line, result}` or `{expression, line, error: {code, message, column}}`, `line`
 * where the expression is a line of the input.
 */
export function answerObject({ expression, line, evaluation }: Answer): object {
  if ('result' in evaluation) return { expression, line, result: evaluation.result }
  const { code, message, column } = evaluation.error
  return { expression, line, error: { code, message, column } }
}

/** What went wrong with an expression, for a person. */
export function errorLine({ code, message }: EvaluationError, line?: number): string {
  return `error: ${atLine(line, printableLine(message))} (${code})`
}

/** What happened, and in which line of the input. */
export function atLine(line: number | undefined, message: string): string {
  return line === undefined ? message : `line ${line}: ${message}`
}
