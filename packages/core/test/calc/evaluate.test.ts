import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate } from '../../src/calc/evaluate.ts'

/** The result, or `code at column`. */
function answer(expression: string): string {
  const evaluation = evaluate(expression)
  return 'result' in evaluation ? evaluation.result : `${evaluation.error.code} at ${evaluation.error.column}`
}

test.each([
  ['2 + 3 * 4', '20'],
  ['2 + (3 * 4)', '14'],
  ['10 - 4 / 2', '3'],
  ['((2 + 3) * (4 - 1)) % 4', '3'],
  ['100 / 10 / 5 * 2', '4'],
  ['2+3', '5'],
  ['\t2\n+   3 ', '5'],
  ['2 - -3', '5'],
  ['-2 + 3', '1'],
  ['--5', '5'],
  ['- ( 2 + 3 ) * 4', '-20'],
  ['2 * -(1 + 1)', '-4'],
  ['-(-(-1))', '-1'],
  ['2 + 3 × 4', '20'],
  ['−6 ÷ −4 − 1', '0.5'],
  ['−(2 × 3)', '-6'],
  ['5-−3', '8'],
])('left to right: %s is %s', (expression, expected) => {
  expect(answer(expression)).toBe(expected)
})

test.each([
  ['0.1 + 0.2', '0.3'],
  ['.5 + 2.', '2.5'],
  ['12345678901234567890123 + 1', '12345678901234567890124'],
  ['9007199254740993', '9007199254740993'],
  ['9007199254740991 + 2', '9007199254740993'],
  ['-9007199254740991 - 2', '-9007199254740993'],
  ['94906267 * 94906267', '9007199515875289'],
  ['9007199254740991 / 2', '4503599627370495.5'],
  ['9007199254740991 % -9007199254740990', '-9007199254740989'],
  ['0.0000001 * 0.0000001', '0.00000000000001'],
  ['100000000000 * 100000000000', '10000000000000000000000'],
  ['1.10 + 1.10', '2.2'],
  ['007', '7'],
  ['-0', '0'],
  ['0 * -5', '0'],
  ['1 - 1.0', '0'],
  ['0.000', '0'],
])('results are plain decimals: %s is %s', (expression, expected) => {
  expect(answer(expression)).toBe(expected)
})

test.each([
  ['7 % 3', '1'],
  ['-7 % 3', '2'],
  ['7 % -3', '-2'],
  ['-7 % -3', '-1'],
  ['6 % -3', '0'],
  ['-6 % 3', '0'],
  ['5.5 % 2', '1.5'],
  ['1 % .3', '0.1'],
  [`1${'0'.repeat(999)} % 7`, '6'],
])('the remainder has the sign of the divisor: %s is %s', (expression, expected) => {
  expect(answer(expression)).toBe(expected)
})

test.each([
  ['1 / 3', `0.${'3'.repeat(50)}`],
  ['2 / 3', `0.${'6'.repeat(49)}7`],
  ['-2 / 3', `-0.${'6'.repeat(49)}7`],
  ['1 / 3 * 3', `0.${'9'.repeat(50)}`],
  ['1000 / 3', `333.${'3'.repeat(47)}`],
  ['1 / 8', '0.125'],
  // The 51st digit is a 5 and the last: away from zero.
  [`1${'0'.repeat(49)}5 / 10`, `1${'0'.repeat(48)}1`],
  [`-1${'0'.repeat(49)}5 / 10`, `-1${'0'.repeat(48)}1`],
])('quotients have 50 significant digits: %s is %s', (expression, expected) => {
  expect(answer(expression)).toBe(expected)
})

const LARGEST = '9'.repeat(1_000)
test.each([
  [LARGEST, LARGEST],
  [`${LARGEST} + 1`, 'overflow at 1002'],
  [`1${LARGEST}`, 'overflow at 1'],
  [`2 * (3 + 1${LARGEST})`, 'overflow at 10'],
  [`0000${LARGEST}`, LARGEST],
  [`.${LARGEST}`, `0.${LARGEST}`],
  [`.${LARGEST}0`, `0.${LARGEST}`],
  [`1.${LARGEST}`, 'overflow at 1'],
  [`${'9'.repeat(500)} * ${'9'.repeat(500)}`, String(BigInt('9'.repeat(500)) ** 2n)],
  [`${'9'.repeat(500)} * ${'9'.repeat(501)}`, 'overflow at 502'],
  [`1${'0'.repeat(999)} + .1`, 'overflow at 1002'],
  [`1${'0'.repeat(998)} + .1`, `1${'0'.repeat(998)}.1`],
  [`.${'0'.repeat(999)}1 / 10`, 'overflow at 1003'],
  [`1${'0'.repeat(999)} % .${'0'.repeat(999)}7`, `0.${'0'.repeat(999)}${10n ** 1_999n % 7n}`],
])('1,000 digits are exact, one more is too many (case %#)', (expression, expected) => {
  expect(answer(expression)).toBe(expected)
})

test.each([
  ['1 / 0', 'division-by-zero at 5'],
  ['1 % 0', 'division-by-zero at 5'],
  ['10 - 4 / -0.0 + 1', 'division-by-zero at 10'],
  ['8 / (2 - 2)', 'division-by-zero at 5'],
  ['0 / 0', 'division-by-zero at 5'],
  ['(1 / 0', 'division-by-zero at 6'],
  ['', 'syntax at 1'],
  ['   ', 'syntax at 4'],
  ['2 +', 'syntax at 4'],
  ['2 + + 3', 'syntax at 5'],
  ['+2', 'syntax at 1'],
  ['2 3', 'syntax at 3'],
  ['2(3)', 'syntax at 2'],
  ['(2)3', 'syntax at 4'],
  ['()', 'syntax at 2'],
  ['(2', 'syntax at 1'],
  ['(1 + (2', 'syntax at 6'],
  ['2)', 'syntax at 2'],
  ['(2 +)', 'syntax at 5'],
  ['.', 'syntax at 1'],
  ['1,5', 'syntax at 2'],
  ['1e5', 'syntax at 2'],
  ['2 ** 3', 'syntax at 4'],
  ['0x10', 'syntax at 2'],
  ['Infinity', 'syntax at 1'],
  ['2 + π', 'syntax at 5'],
  ['2 ⊕ 😀', 'syntax at 3'],
  ['(1 + 😀)', 'syntax at 6'],
  ['2 × 3 ÷ 0', 'division-by-zero at 9'],
  ['2 × × 3', 'syntax at 5'],
  ['１ + 1', 'syntax at 1'],
  ['1\u200b+ 1', 'syntax at 2'],
])('%s fails with %s', (expression, expected) => {
  expect(answer(expression)).toBe(expected)
})

test.each([
  ['1 / 0', 'division by zero at column 5'],
  ['9 9', 'expected an operator, found a number at column 3'],
  ['9 +', 'expected a number, found the end at column 4'],
  ['9 + 😀', 'expected a number, found "😀" (U+1F600) at column 5'],
  ['9 – 1', 'expected an operator, found "–" (U+2013) at column 3'],
  ['9 ^ 2', 'expected an operator, found "^" at column 3'],
  ['\u202e1', 'expected a number, found U+202E at column 1'],
  ['\u001b[2J', 'expected a number, found U+001B at column 1'],
  ['\ud800', 'expected a number, found U+D800 at column 1'],
  ['(9', '"(" without ")" at column 1'],
  ['9)', '")" without "(" at column 2'],
  [`1${LARGEST}`, 'a number of more than 1,000 digits at column 1'],
])('an error says what and where (case %#)', (expression, message) => {
  expect(evaluate(expression)).toMatchObject({ error: { message } })
})

test.each(['·', '∗', '⋅', '✕', '／', '∕', '⁄', '∶', '–', '—', '＋', '٪', '^', ':', 'x', ',', "'", '_', '٬'])(
  'no operator, and no part of a number: %s',
  sign => expect([answer(`4${sign}000`), answer(`4 × 2 ${sign} 2`)]).toEqual(['syntax at 2', 'syntax at 7']),
)

test.each(['1 000', '1\u00a0000', '1\u202f000'])('a blank of any kind does not join numbers (%j)', number => {
  expect(answer(number)).toBe('syntax at 3')
})

test('× ÷ − are other ways to write * / -, to the column', () => {
  const part = fc.constantFrom('1', '20', '0', '.5', '(', ')', ' ', '-', '*', '/', '+', '%', '?')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), parts => {
      const ascii = parts.join('')
      const typeset = ascii.replaceAll('*', '×').replaceAll('/', '÷').replaceAll('-', '−')
      expect(evaluate(typeset)).toEqual(evaluate(ascii))
    }),
  )
})

test('depth and length are limited by nothing but memory', () => {
  const deep = 100_000
  expect(answer(`${'('.repeat(deep)}1${')'.repeat(deep)}`)).toBe('1')
  expect(answer(`${'-('.repeat(deep)}1${')'.repeat(deep)}`)).toBe('1')
  expect(answer(`${'('.repeat(deep)}1`)).toBe(`syntax at ${deep}`)
  expect(answer(`${'-'.repeat(deep + 1)}1`)).toBe('-1')
  expect(answer(`${'1+'.repeat(deep)}1`)).toBe(String(deep + 1))
  expect(answer(`${' '.repeat(deep)}x`)).toBe(`syntax at ${deep + 1}`)
})

// An evaluator of its own: numbers are fractions over a power of ten, held in two bigints, and it walks the generated
// tree, not the text.
interface Fraction {
  readonly units: bigint
  readonly scale: bigint
}
type Operand = { number: string } | { minus: Operand } | { chain: Chain }
interface Chain {
  first: Operand
  rest: [string, Operand][]
}
class NoResult extends Error {}

const power = (exponent: bigint) => 10n ** exponent
const absolute = (value: bigint) => (value < 0n ? -value : value)
const atScale = ({ units, scale }: Fraction, wanted: bigint) => units * power(wanted - scale)
const floorDivide = (a: bigint, b: bigint) => (a - (((a % b) + b) % b)) / b

function quotient(a: bigint, b: bigint): Fraction {
  if (a === 0n) return { units: 0n, scale: 0n }
  const negative = a < 0n !== b < 0n
  const [top, bottom] = [absolute(a), absolute(b)]
  // Enough decimals that at least 50 digits come out, then one rounding of the exact quotient.
  let scale = BigInt(String(bottom).length - String(top).length + 51)
  const digits = (at: bigint) => (at >= 0n ? (top * power(at)) / bottom : top / (bottom * power(-at)))
  while (String(digits(scale)).length > 50) scale -= 1n
  const twice = scale >= 0n ? (2n * top * power(scale)) / bottom : (2n * top) / (bottom * power(-scale))
  const rounded = (twice + 1n) / 2n
  const units = scale >= 0n ? rounded : rounded * power(-scale)
  return { units: negative ? -units : units, scale: scale >= 0n ? scale : 0n }
}

function apply(a: Fraction, operator: string, b: Fraction): Fraction {
  const scale = a.scale > b.scale ? a.scale : b.scale
  const [x, y] = [atScale(a, scale), atScale(b, scale)]
  if (operator === '+') return { units: x + y, scale }
  if (operator === '-') return { units: x - y, scale }
  if (operator === '*') return { units: a.units * b.units, scale: a.scale + b.scale }
  if (y === 0n) throw new NoResult('division-by-zero')
  if (operator === '/') return quotient(x, y)
  return { units: x - y * floorDivide(x, y), scale }
}

function written({ units, scale }: Fraction): string {
  const digits = String(absolute(units)).padStart(Number(scale) + 1, '0')
  const whole = digits.slice(0, digits.length - Number(scale))
  const decimals = digits.slice(digits.length - Number(scale)).replace(/0+$/, '')
  if ((whole === '0' ? 0 : whole.length) + decimals.length > 1_000) throw new NoResult('overflow')
  return `${units < 0n ? '-' : ''}${whole}${decimals === '' ? '' : `.${decimals}`}`
}

function valueOf(operand: Operand): Fraction {
  if ('minus' in operand) {
    const { units, scale } = valueOf(operand.minus)
    return { units: -units, scale }
  }
  if ('chain' in operand) return walk(operand.chain)
  const [whole = '', decimals = ''] = operand.number.split('.')
  const value = { units: BigInt(whole + decimals), scale: BigInt(decimals.length) }
  written(value)
  return value
}

function walk({ first, rest }: Chain): Fraction {
  let value = valueOf(first)
  for (const [operator, operand] of rest) {
    value = apply(value, operator, valueOf(operand))
    written(value)
  }
  return value
}

const textOf = (operand: Operand, space: string): string => {
  if ('number' in operand) return operand.number
  if ('minus' in operand) return `-${space}${textOf(operand.minus, space)}`
  return `(${space}${chainText(operand.chain, space)})`
}
const chainText = ({ first, rest }: Chain, space: string): string =>
  [textOf(first, space), ...rest.map(([operator, operand]) => `${operator}${space}${textOf(operand, space)}`)].join(
    space,
  )

const digits = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength: 1, maxLength })
const number = fc.oneof(
  digits(3),
  digits(30),
  fc.tuple(digits(4), digits(12)).map(([whole, decimals]) => `${whole}.${decimals}`),
  digits(8).map(decimals => `.${decimals}`),
  digits(8).map(whole => `${whole}.`),
  { weight: 1, arbitrary: digits(600) },
)
const { chain } = fc.letrec<{ operand: Operand; chain: Chain }>(tie => ({
  operand: fc.oneof(
    { maxDepth: 4 },
    { weight: 6, arbitrary: number.map(text => ({ number: text })) },
    { weight: 1, arbitrary: tie('operand').map(minus => ({ minus })) },
    { weight: 2, arbitrary: tie('chain').map(inner => ({ chain: inner })) },
  ),
  chain: fc.record({
    first: tie('operand'),
    rest: fc.array(fc.tuple(fc.constantFrom('+', '-', '*', '/', '%'), tie('operand')), { maxLength: 6 }),
  }),
}))

test('agrees with an evaluator over bigint fractions', () => {
  fc.assert(
    fc.property(chain, fc.constantFrom('', ' ', '\t  '), (tree, space) => {
      let expected: object
      try {
        expected = { result: written(walk(tree)) }
      } catch (error) {
        if (!(error instanceof NoResult)) throw error
        expected = { error: { code: error.message } }
      }
      expect(evaluate(chainText(tree, space))).toMatchObject(expected)
    }),
    { numRuns: 2_000 },
  )
})

test('any text has a result or an error that names a column within it', () => {
  const noise = fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789.+-*/%() ')) }),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
  )
  fc.assert(
    fc.property(noise, text => {
      const evaluation = evaluate(text)
      if ('result' in evaluation) {
        expect(evaluation.result).toMatch(/^(?!-0$)-?(0|[1-9]\d*)(\.\d*[1-9])?$/)
        expect(evaluate(evaluation.result)).toEqual(evaluation)
      } else {
        const { column, message } = evaluation.error
        expect(column).toBeGreaterThanOrEqual(1)
        expect(column).toBeLessThanOrEqual(Array.from(text).length + 1)
        expect(message.endsWith(` at column ${column}`)).toBe(true)
        expect(message.length).toBeLessThan(100)
      }
    }),
    { numRuns: 2_000 },
  )
})
