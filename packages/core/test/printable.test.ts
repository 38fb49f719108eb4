import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PRINTED_CHARACTERS, printable, printableLine } from '../src/terminal/printable.ts'

const cells = (count: number) => '\ufffd'.repeat(count)
const char = (codePoint: number) => String.fromCodePoint(codePoint)
const codePoints = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** What must never reach a terminal, whatever stands around it: written as ranges, not as the properties of Unicode. */
const FORBIDDEN = [
  ...codePoints(0x00, 0x09),
  ...codePoints(0x0b, 0x1f),
  ...codePoints(0x7f, 0x9f),
  0x00ad,
  0x034f,
  0x061c,
  ...codePoints(0x115f, 0x1160),
  ...codePoints(0x17b4, 0x17b5),
  0x3164,
  0xfeff,
  0xffa0,
  ...codePoints(0x180b, 0x180f),
  0x200b,
  ...codePoints(0x200e, 0x200f),
  ...codePoints(0x2028, 0x202e),
  ...codePoints(0x2060, 0x206f),
  ...codePoints(0xfe00, 0xfe0d),
  ...codePoints(0xfff0, 0xfffb),
  ...codePoints(0xfdd0, 0xfdef),
  ...codePoints(0xd800, 0xdfff),
  ...codePoints(0xfffe, 0xffff),
  ...codePoints(0x10fffe, 0x10ffff),
  ...codePoints(0x1bca0, 0x1bca3),
  ...codePoints(0x1d173, 0x1d17a),
  ...codePoints(0xe0000, 0xe0fff),
]
const forbidden = new Set(FORBIDDEN.map(char))

/** Allowed only where they do visible work. */
const CONDITIONAL = ['\u200c', '\u200d', '\ufe0e', '\ufe0f']

const PEOPLE = [
  'plain ASCII, ~ and all',
  'Ångström, cafe\u0301, Tiếng Việt, Tie\u0302\u0301ng',
  'Привет, γειά σου',
  'שָׁלוֹם עולם',
  'مَرْحَبًا بالعالم',
  'می\u200cخواهم',
  'नमस्ते क्\u200dष श्\u200dरी',
  '你好，世界 こんにちは 안녕하세요 \u3000',
  '\u1112\u1161\u11ab\u1100\u1173\u11af',
  'สวัสดี ทั้งนี้',
  '🙂 👍🏽 🇨🇭 1️⃣ #️⃣ ❤️ ☎︎ ©',
  '👨‍👩‍👧‍👦 👩🏽‍💻 🏳️‍🌈 🏴‍☠️ 🧑🏻‍❤️‍💋‍🧑🏿 🕵🏽‍♂️ 👁️‍🗨️',
]

/** Text made of everything that the function has an opinion about. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...forbidden),
      fc.constantFrom(...CONDITIONAL, '\n', '\r', '\r\n', '\t', '\u0301', '\u11a8', '\u20e3', '\u094d', '\u064b'),
      fc.constantFrom(...PEOPLE, 'م', '🙂', '🏽', '❤', '1', 'a'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 30 },
  )
  .map(parts => parts.join(''))

describe('what people write passes unchanged', () => {
  test.each(PEOPLE)('%s', text => {
    expect(printable(text)).toBe(text)
    expect(printableLine(text)).toBe(text)
  })

  test('printable ASCII and newlines', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), text => {
        expect(printable(`${text}\n`)).toBe(`${text}\n`)
      }),
    )
  })

  test('letters, digits and signs of every script', () => {
    const visible = codePoints(0x20, 0x10ffff)
      .map(char)
      .filter(text => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text) && !/[\u115f\u1160\u3164\uffa0]/.test(text))
    expect(visible.filter(text => printable(text) !== text)).toEqual([])
  })
})

describe('nothing commands, hides or reorders', () => {
  test.each([
    ['an escape sequence', 'a\x1b[31mb\x1b]0;title\x07', 'a␛[31mb␛]0;title␇'],
    ['overwriting', 'bob\r\b\b\balice', 'bob␍␈␈␈alice'],
    ['an escape sequence of eight bits', '\x9b31m\x85', `${cells(1)}31m${cells(1)}`],
    ['delete', '\x7f', '␡'],
    ['reordering', '\u202egpj.exe\u2066\u061c', `${cells(1)}gpj.exe${cells(2)}`],
    ['zero width', 'pay\u200bpal\u2060\ufeff', `pay${cells(1)}pal${cells(2)}`],
    ['fillers', '\u3164\u115f\u1160\uffa0\u00ad\u034f', cells(6)],
    ['other line ends', 'a\u2028b\u2029c', `a${cells(1)}b${cells(1)}c`],
    ['annotations', '\ufff9a\ufffab\ufffb', `${cells(1)}a${cells(1)}b${cells(1)}`],
    ['tags, and with them the flags of regions', '🏴\u{e0067}\u{e0062}\u{e007f}', `🏴${cells(3)}`],
    ['half a surrogate pair', 'a\ud800b\udc00', `a${cells(1)}b${cells(1)}`],
    ['a joiner between letters', 'a\u200db\u200cc', `a${cells(1)}b${cells(1)}c`],
    ['two joiners in an Arabic word', 'مي\u200c\u200cخو', `مي${cells(2)}خو`],
    ['a joiner after an emoji', '🙂\u200d', `🙂${cells(1)}`],
    [
      'more joined emoji than any in use',
      '🙂\u200d🙂\u200d🙂\u200d🙂\u200d🙂',
      `🙂\u200d🙂\u200d🙂\u200d🙂${cells(1)}🙂`,
    ],
    ['a selector after a letter or digit', 'a\ufe0f1\ufe0f2\u{e0100}', `a${cells(1)}1${cells(1)}2${cells(1)}`],
    ['two selectors', '❤\ufe0f\ufe0f', `❤\ufe0f${cells(1)}`],
    ['towers of marks', `a${'\u0301'.repeat(50)}b`, `a${'\u0301'.repeat(4)}b`],
    ['towers of vowels', `가${'\u1161'.repeat(50)}`, `가${'\u1161'.repeat(4)}`],
  ])('%s', (_, text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  test('each forbidden character is one visible cell, wherever it stands', () => {
    for (const hidden of forbidden) {
      const shown = printable(`م${hidden}🙂`)
      if (hidden !== '\t')
        expect([hidden, shown]).toEqual([hidden, expect.stringMatching(/^م[\u2400-\u2421\ufffd]🙂$/u)])
    }
  })

  test('whatever comes, no forbidden character is left, and a second look changes nothing', () => {
    fc.assert(
      fc.property(hostile, text => {
        const shown = printable(text, Infinity)
        expect(Array.from(shown).filter(character => forbidden.has(character))).toEqual([])
        expect(shown).not.toMatch(/[\p{M}\u1160-\u11ff]{5}/u)
        expect(shown).not.toMatch(/^[\u200c-\u200d]|[\u200c-\u200d]{2}|^[\ufe0e-\ufe0f]|[\ufe0e-\ufe0f]{2}/u)
        expect(printable(shown, Infinity)).toBe(shown)
      }),
      { numRuns: 2_000 },
    )
  })
})

test('a newline stays one in a text, and becomes a cell in a line', () => {
  expect(printable('a\r\nb\nc\r\r\n')).toBe('a\nb\nc␍\n')
  expect(printableLine('a\r\nb\nc')).toBe('a␤b␤c')
  expect(printableLine('plain\nname')).toBe('plain␤name')
})

test('a tab becomes spaces, which count', () => {
  expect(printable('\ta\tb')).toBe('    a    b')
  expect(printable('\ta\tb', 10)).toBe('    a    b')
  expect(printable('\ta\tb', 9)).toBe('    a    …')
  expect(printable('\t'.repeat(MAX_PRINTED_CHARACTERS))).toBe(`${' '.repeat(MAX_PRINTED_CHARACTERS)}…`)
})

test('whatever it is made of, it is no longer than allowed', () => {
  fc.assert(
    fc.property(hostile, fc.nat(40), (text, most) => {
      expect(printable(text, most).length).toBeLessThanOrEqual(most + '…'.length)
      if (text.length > most) expect(printable(text, most)).toMatch(/…$/)
    }),
  )
})

test('too much text is cut, and shows it, without half a character', () => {
  expect(printable('a'.repeat(MAX_PRINTED_CHARACTERS))).toBe('a'.repeat(MAX_PRINTED_CHARACTERS))
  expect(printable('a'.repeat(MAX_PRINTED_CHARACTERS + 1))).toBe(`${'a'.repeat(MAX_PRINTED_CHARACTERS)}…`)
  expect(printable('🙂🙂', 3)).toBe('🙂\ufffd…')
  expect(printableLine('alice', 2)).toBe('al…')
})
