import { calculate, type Exact, type Fault, formatNumber, negate, parseNumber } from './arithmetic.ts'
import { lexer, type Operator, type Token } from './lexer.ts'

/** Why an expression has no result, and where. */
export interface EvaluationError {
  readonly code: 'syntax' | Fault
  /** For people; ends with ` at column N`. */
  readonly message: string
  /** In characters, counted from 1; one past the last character when something is missing at the end. */
  readonly column: number
}

/** What an expression comes to: a plain decimal number, or why not. */
export type Evaluation = { readonly result: string } | { readonly error: EvaluationError }

/** What has been read inside one pair of parentheses, or outside of all. */
interface Level {
  /** Everything so far, left to right. */
  value: Exact
  /** What to do with the operand that comes next; null before the first. */
  operator: Operator | null
  operatorColumn: number
  /** Whether an odd number of minus signs stands before that operand. */
  negative: boolean
  /** Where that operand starts, its signs included; 0 while none of it was read. */
  operandColumn: number
  /** Where the parenthesis was opened. */
  readonly column: number
}

/**
 * Evaluates strictly left to right, no operator before another: `2 + 3 * 4` is 20. Parentheses come first, and minus
 * signs may stand before any operand.
 *
 * One pass, in a loop with a stack of its own: depth and length are limited by the size of the expression alone. The
 * first error from the left is the one reported; for a division by zero its column is that of the divisor.
 */
export function evaluate(expression: string): Evaluation {
  const next = lexer(expression)
  const outer: Level[] = []
  let level = newLevel(0)
  let expected: 'operand' | 'operator' = 'operand'

  for (;;) {
    const token = next()
    if (expected === 'operand') {
      if (level.operandColumn === 0) level.operandColumn = token.column
      if (token.kind === 'number') {
        const operand = parseNumber(token.text)
        if (typeof operand === 'string') return fault(operand, token.column)
        const failed = take(level, operand)
        if (failed !== null) return failed
        expected = 'operator'
      } else if (token.kind === 'open') {
        outer.push(level)
        level = newLevel(token.column)
      } else if (token.kind === 'operator' && token.text === '-') {
        level.negative = !level.negative
      } else {
        return failure('syntax', `expected a number, found ${shown(token)}`, token.column)
      }
    } else if (token.kind === 'operator') {
      level.operator = token.text
      level.operatorColumn = token.column
      expected = 'operand'
    } else if (token.kind === 'close') {
      const enclosing = outer.pop()
      if (enclosing === undefined) return failure('syntax', '")" without "("', token.column)
      const failed = take(enclosing, level.value)
      if (failed !== null) return failed
      level = enclosing
    } else if (token.kind === 'end') {
      if (outer.length > 0) return failure('syntax', '"(" without ")"', level.column)
      return { result: formatNumber(level.value) }
    } else {
      return failure('syntax', `expected an operator, found ${shown(token)}`, token.column)
    }
  }
}

function newLevel(column: number): Level {
  return { value: 0, operator: null, operatorColumn: 0, negative: false, operandColumn: 0, column }
}

/** Gives a level its next operand. */
function take(level: Level, operand: Exact): Evaluation | null {
  const signed = level.negative ? negate(operand) : operand
  if (level.operator === null) {
    level.value = signed
  } else {
    const value = calculate(level.value, level.operator, signed)
    if (value === 'division-by-zero') return fault(value, level.operandColumn)
    if (value === 'overflow') return fault(value, level.operatorColumn)
    level.value = value
  }
  level.negative = false
  level.operandColumn = 0
  return null
}

const FAULTS: Readonly<Record<Fault, string>> = {
  'division-by-zero': 'division by zero',
  overflow: 'a number of more than 1,000 digits',
}

function fault(code: Fault, column: number): Evaluation {
  return failure(code, FAULTS[code], column)
}

function failure(code: EvaluationError['code'], what: string, column: number): Evaluation {
  return { error: { code, message: `${what} at column ${column}`, column } }
}

/** Names a token for a person, shortly; by its number too where it may look like another, or has no ink of its own. */
function shown({ kind, text }: Token): string {
  if (kind === 'end') return 'the end'
  if (kind === 'number') return 'a number'
  if (kind !== 'unknown' || /^[!-~]$/.test(text)) return `"${text}"`
  const number = `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(text) ? `"${text}" (${number})` : number
}
