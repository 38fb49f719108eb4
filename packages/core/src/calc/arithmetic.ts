import { Decimal } from 'decimal.js'
import type { Operator } from './lexer.ts'

/** Digits that a number may have, before and after the point together (a zero alone before the point is not counted). */
export const MAX_DIGITS = 1_000

/** Significant digits of a quotient. */
export const QUOTIENT_DIGITS = 50

/** An exact number. Safe integers stay JavaScript numbers, which makes common expressions several times faster. */
export type Exact = number | Decimal

/** Why an operation has no result. */
export type Fault = 'division-by-zero' | 'overflow'

/**
 * Wide enough that `+ - * %` of two numbers of MAX_DIGITS are exact: a product has at most twice the digits, a sum
 * spans at most MAX_DIGITS on either side of the point and one carry. No rounding happens before `limited` looks.
 */
const Wide = Decimal.clone({ defaults: true, precision: 2 * MAX_DIGITS + 1, modulo: Decimal.ROUND_FLOOR })

/** A tie in the last digit of a quotient is rounded away from zero, as at school. */
const Quotient = Decimal.clone({ defaults: true, precision: QUOTIENT_DIGITS, rounding: Decimal.ROUND_HALF_UP })

/** Any integer of that many digits is safe. */
const SAFE_DIGITS = 15

/** @param text digits with at most one point, as the lexer gives them */
export function parseNumber(text: string): Exact | Fault {
  if (text.length <= SAFE_DIGITS && !text.includes('.')) return Number(text)
  return limited(new Wide(text))
}

/** Plain decimal notation: never an exponent, no trailing zeros, no minus before zero. */
export function formatNumber(value: Exact): string {
  return typeof value === 'number' ? String(value) : value.toFixed()
}

export function negate(value: Exact): Exact {
  return typeof value === 'number' ? -value : value.negated()
}

/**
 * One operation: `+ - * %` exact, `/` to QUOTIENT_DIGITS. `%` is the remainder with the sign of the divisor: 7 % -3 is
 * -2, because 7 = -3 * -3 - 2.
 *
 * Time is bounded, because neither operand nor result has more than MAX_DIGITS.
 */
export function calculate(left: Exact, operator: Operator, right: Exact): Exact | Fault {
  if ((operator === '/' || operator === '%') && isZero(right)) return 'division-by-zero'
  if (typeof left === 'number' && typeof right === 'number') {
    const value = onIntegers(left, operator, right)
    // Rounding never turns an unsafe result into a safe integer, so what is one here is exact.
    if (Number.isSafeInteger(value)) return value
  }
  return limited(onDecimals(toDecimal(left), operator, toDecimal(right)))
}

function isZero(value: Exact): boolean {
  return typeof value === 'number' ? value === 0 : value.isZero()
}

function toDecimal(value: Exact): Decimal {
  return typeof value === 'number' ? new Wide(value) : value
}

/** @returns NaN where the result is no integer */
function onIntegers(left: number, operator: Operator, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left % right === 0 ? left / right : Number.NaN
    case '%': {
      // JavaScript's remainder has the sign of the dividend.
      const remainder = left % right
      return remainder !== 0 && remainder < 0 !== right < 0 ? remainder + right : remainder
    }
  }
}

function onDecimals(left: Decimal, operator: Operator, right: Decimal): Decimal {
  switch (operator) {
    case '+':
      return left.plus(right)
    case '-':
      return left.minus(right)
    case '*':
      return left.times(right)
    case '/':
      return new Wide(Quotient.div(left, right))
    case '%':
      return left.modulo(right)
  }
}

function limited(value: Decimal): Decimal | Fault {
  const digits = Math.max(value.e + 1, 0) + value.decimalPlaces()
  return digits > MAX_DIGITS ? 'overflow' : value
}
