export type Operator = '+' | '-' | '*' | '/' | '%'

/** One token with the column, counted from 1, at which it starts. `unknown` is one whole character of anything else. */
export type Token =
  | { readonly kind: 'operator'; readonly text: Operator; readonly column: number }
  | { readonly kind: 'number' | 'open' | 'close' | 'unknown' | 'end'; readonly text: string; readonly column: number }

/**
 * Cuts an expression into tokens, lazily and in linear time: decimal numbers without exponent (`1`, `.5`, `2.`), the
 * five operators (`−`, `×` and `÷` are other ways to write three of them), parentheses, any white space between them.
 *
 * A column counts whole characters, yet is computed from the index in UTF-16 units: they agree up to the first unknown
 * character, and nobody reads on from there.
 *
 * @returns a function that gives the next token, and `end` from the end on
 */
export function lexer(expression: string): () => Token {
  let at = 0

  return () => {
    while (isSpace(expression, at)) at += 1
    const start = at
    const column = start + 1
    const character = expression.charAt(start)
    switch (character) {
      case '':
        return { kind: 'end', text: '', column }
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        at += 1
        return { kind: 'operator', text: character, column }
      case '−':
        at += 1
        return { kind: 'operator', text: '-', column }
      case '×':
        at += 1
        return { kind: 'operator', text: '*', column }
      case '÷':
        at += 1
        return { kind: 'operator', text: '/', column }
      case '(':
        at += 1
        return { kind: 'open', text: character, column }
      case ')':
        at += 1
        return { kind: 'close', text: character, column }
    }
    at = numberEnd(expression, start)
    if (at > start) return { kind: 'number', text: expression.slice(start, at), column }
    at += (expression.codePointAt(start) ?? 0) > 0xffff ? 2 : 1
    return { kind: 'unknown', text: expression.slice(start, at), column }
  }
}

// Characters are read by code, because a regular expression per token costs more than the arithmetic.
const ZERO = 0x30
const NINE = 0x39
const POINT = 0x2e
const SPACE = 0x20
const DELETE = 0x7f

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === SPACE || ((code < SPACE || code > DELETE) && /\s/.test(text.charAt(at)))
}

function digitsEnd(text: string, start: number): number {
  let at = start
  while (text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) at += 1
  return at
}

/** Where the number that starts here ends: digits with at most one point among them, at least one digit. */
function numberEnd(text: string, start: number): number {
  const whole = digitsEnd(text, start)
  if (text.charCodeAt(whole) !== POINT) return whole
  const end = digitsEnd(text, whole + 1)
  return end - start > 1 ? end : start
}
