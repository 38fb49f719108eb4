import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyDecoder, type Key } from '../../src/input/keys.ts'

const MAX_PASTE = 20
const paste = (text: string) => `\x1b[200~${text}\x1b[201~`

function decode(...chunks: string[]): string[] {
  const decoder = keyDecoder(MAX_PASTE)
  return chunks.flatMap(chunk => decoder.push(chunk)).map(({ kind, text }) => `${kind} ${JSON.stringify(text)}`)
}

/** Neighbouring pieces of typed text are one: where a chunk was cut is nobody's business. */
function joined(keys: readonly Key[]): Key[] {
  const result: Key[] = []
  for (const key of keys) {
    const last = result.at(-1)
    if (last?.kind === 'text' && key.kind === 'text') result.splice(-1, 1, { kind: 'text', text: last.text + key.text })
    else result.push(key)
  }
  return result
}

test.each([
  ['text', 'hé🙂', ['text "hé🙂"']],
  ['text and Enter', 'hi\r', ['text "hi"', String.raw`control "\r"`]],
  ['Ctrl-C, Tab, Backspace', '\x03\t\x7f', [String.raw`control "\u0003"`, String.raw`control "\t"`, 'control "\x7f"']],
  [
    'arrows, with and without Ctrl',
    '\x1b[A\x1b[1;5D',
    [String.raw`control "\u001b[A"`, String.raw`control "\u001b[1;5D"`],
  ],
  ['Home as a function key', 'a\x1bOHb', ['text "a"', String.raw`control "\u001bOH"`, 'text "b"']],
  ['Alt-b, Alt-Up', '\x1bb\x1b\x1b[A', [String.raw`control "\u001bb"`, String.raw`control "\u001b\u001b[A"`]],
  ['eight-bit controls and line separators', 'a\x9b\u2028\u2029b', ['text "a"', 'text "b"']],
  ['a paste', `a${paste('x\ry')}b`, ['text "a"', String.raw`paste "x\ry"`, 'text "b"']],
  [
    'a paste with escape sequences in it',
    paste('\x1b[A\x1b[200~\x03'),
    [String.raw`paste "\u001b[A\u001b[200~\u0003"`],
  ],
  ['a paste of nothing', paste(''), ['paste ""']],
  ['two pastes', paste('a') + paste('b'), ['paste "a"', 'paste "b"']],
  ['a paste beyond the limit', paste('x'.repeat(1000)), [`paste "${'x'.repeat(MAX_PASTE)}"`]],
  ['the end of a paste that never began', '\x1b[201~a', [String.raw`control "\u001b[201~"`, 'text "a"']],
])('%s', (_, input, keys) => {
  expect(decode(input)).toEqual(keys)
})

test('how the input is cut makes no difference', () => {
  const piece = fc.constantFrom(
    'a',
    'é',
    '🙂',
    '\r',
    '\x03',
    '\x1b[A',
    '\x1bOP',
    '\x1bb',
    paste('p\rq'),
    paste('\x1b[20\x1b'),
  )
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(12)), (pieces, cuts) => {
      const input = Array.from(pieces.join(''))
      const whole = keyDecoder(MAX_PASTE).push(input.join(''))
      const decoder = keyDecoder(MAX_PASTE)
      const keys = cuts.flatMap(size => decoder.push(input.splice(0, size).join('')))
      keys.push(...decoder.push(input.join('')))
      expect(joined(keys)).toEqual(joined(whole))
    }),
  )
})

test('an Escape that nothing follows is forgotten; within a paste it is part of the paste', () => {
  const decoder = keyDecoder(MAX_PASTE)
  expect(decoder.push('\x1b')).toEqual([])
  decoder.expire()
  expect(decoder.push('b')).toEqual([{ kind: 'text', text: 'b' }])
  decoder.push('\x1b[200~x\x1b')
  decoder.expire()
  expect(decoder.push('y\x1b[201~')).toEqual([{ kind: 'paste', text: 'x\x1by' }])
})

test('an escape sequence without an end is not held for ever', () => {
  const decoder = keyDecoder(MAX_PASTE)
  const keys = decoder.push(`\x1b[${'1'.repeat(1000)}`)
  expect(keys.map(({ text }) => text).join('')).toBe(`\x1b[${'1'.repeat(1000)}`)
})
