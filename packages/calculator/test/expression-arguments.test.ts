import { expect, test } from 'vitest'
import { expressionsFrom } from '../src/expression-arguments.ts'

test.each([
  [['2 + 3']],
  [['-5', '-.5', '-(2+3)*4', '--5', '- 5', '-(-1)', '- (2)', '−5', '-−5']],
  [['+']],
  [['-']],
  [['1', '2']],
  [['2', '-3']],
  [['1 +', 'nonsense']],
  [[]],
])('%j are expressions', args => {
  expect(expressionsFrom(args)).toEqual(args)
})

test.each([[['2', '+', '3']], [['2', '-', '3']], [['(', '2', ')']], [['2', '×', '3']], [['2', 'package.json', '3']]])(
  '%j was one expression before the shell took it apart',
  args => {
    expect(() => expressionsFrom(args)).toThrow('in quotes')
  },
)

test.each(['--jsn', '-x', '-x5', '--port=5', '-e'])('%s is an unknown option', option => {
  expect(() => expressionsFrom(['1', option])).toThrow(`unknown option '${option}'`)
})
