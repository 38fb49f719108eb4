import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { lexer, type Token } from '../../src/calc/lexer.ts'

/** Every token up to the end, as `kind text column`. */
function tokens(expression: string): string[] {
  const next = lexer(expression)
  const read: string[] = []
  for (let token: Token = next(); token.kind !== 'end'; token = next()) {
    read.push(`${token.kind} ${token.text} ${token.column}`)
  }
  return read
}

test('numbers, operators and parentheses, each with its column', () => {
  expect(tokens('-(2.5+ .5) % 10')).toEqual([
    'operator - 1',
    'open ( 2',
    'number 2.5 3',
    'operator + 6',
    'number .5 8',
    'close ) 10',
    'operator % 12',
    'number 10 14',
  ])
})

test('other signs for three of the operators', () => {
  expect(tokens('−2×3÷4')).toEqual([
    'operator - 1',
    'number 2 2',
    'operator * 3',
    'number 3 4',
    'operator / 5',
    'number 4 6',
  ])
})

test.each([
  ['1', ['number 1 1']],
  ['.5', ['number .5 1']],
  ['2.', ['number 2. 1']],
  ['007', ['number 007 1']],
  ['1.2.3', ['number 1.2 1', 'number .3 4']],
  ['.', ['unknown . 1']],
  ['..5', ['unknown . 1', 'number .5 2']],
  ['1e5', ['number 1 1', 'unknown e 2', 'number 5 3']],
  ['٣', ['unknown ٣ 1']],
])('%s is read as %j', (expression, expected) => {
  expect(tokens(expression)).toEqual(expected)
})

test.each([' ', '\t', '\n', '\r', '\v', '\f', '\u00a0', '\u2003', '\u3000', '\ufeff'])('%j is white space', space => {
  expect(tokens(`${space}1${space}+${space}`)).toEqual(['number 1 2', 'operator + 4'])
})

test('an unknown character outside of the basic plane is one token', () => {
  expect(tokens('1😀')).toEqual(['number 1 1', 'unknown 😀 2'])
})

test('half of a character is a token like any other', () => {
  expect(tokens('\ud83d+')).toEqual(['unknown \ud83d 1', 'operator + 2'])
})

test('the end repeats, one past the last character', () => {
  const next = lexer('7 ')
  next()
  expect([next(), next()]).toEqual([
    { kind: 'end', text: '', column: 3 },
    { kind: 'end', text: '', column: 3 },
  ])
})

test('no character but white space is lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text => {
      const next = lexer(text)
      let joined = ''
      for (let token = next(); token.kind !== 'end'; token = next()) joined += token.text
      expect(joined).toBe(text.replace(/\s/g, '').replaceAll('−', '-').replaceAll('×', '*').replaceAll('÷', '/'))
    }),
  )
})
