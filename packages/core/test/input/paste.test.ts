import { expect, test } from 'vitest'
import { bracketLines, pastedText } from '../../src/input/keys.ts'

test.each(['one\rtwo', 'one\r\n\ttwo\r', '\none\n\ntwo\n', 'é\r🙂'])('several lines at once are a paste: %j', chunk => {
  expect(bracketLines(chunk)).toBe(`\u001b[200~${chunk}\u001b[201~`)
})

test.each(['', 'one', '\r', 'one\r', 'one\r\n\n', 'a\tb', 'never mind\u0003\rtwo', 'one\r\u001b[A', '\u001b[200~a\rb'])(
  'a line and keys are typed: %j',
  chunk => {
    expect(bracketLines(chunk)).toBe(chunk)
  },
)

test('a paste has newlines between its lines alone, and commands no terminal', () => {
  expect(pastedText('\rone\r\ntwo\n\rthree\r\n\n')).toBe('\none\ntwo\n\nthree')
  expect(pastedText('a\u001b[2J\rb')).not.toContain('\u001b')
})
