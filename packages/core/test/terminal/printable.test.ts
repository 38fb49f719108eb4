import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PRINTED_CHARACTERS, printable, printableLine, printableName } from '../../src/terminal/printable.ts'

const cells = (count: number) => '\ufffd'.repeat(count)
const char = (codePoint: number) => String.fromCodePoint(codePoint)
const codePoints = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** What must never reach a terminal, whatever stands around it: written as ranges, not as the properties of Unicode. */
const FORBIDDEN = [
  ...codePoints(0x00, 0x08),
  ...codePoints(0x0b, 0x1f),
  ...codePoints(0x7f, 0x9f),
  0x00ad,
  0x034f,
  ...codePoints(0x115f, 0x1160),
  ...codePoints(0x17b4, 0x17b5),
  0x3164,
  0xfeff,
  0xffa0,
  ...codePoints(0x2028, 0x202e),
  ...codePoints(0x2060, 0x206f),
  ...codePoints(0xfff0, 0xfffb),
  ...codePoints(0xfdd0, 0xfdef),
  ...codePoints(0xd800, 0xdfff),
  ...codePoints(0xfffe, 0xffff),
  ...codePoints(0x10fffe, 0x10ffff),
  ...codePoints(0x1bca0, 0x1bca3),
  ...codePoints(0x1d173, 0x1d17a),
  ...codePoints(0xe0000, 0xe00ff),
  ...codePoints(0xe01f0, 0xe0fff),
]
const forbidden = new Set(FORBIDDEN.map(char))

/** Allowed only where they do visible work. */
const CONDITIONAL = [
  ...codePoints(0x180b, 0x180f),
  0x200b,
  0x200c,
  0x200d,
  ...codePoints(0xfe00, 0xfe0f),
  0xe0100,
  0xe01ef,
].map(char)
const DIRECTION = ['\u200e', '\u200f', '\u061c']

const PEOPLE = [
  'plain ASCII, ~ and all',
  'Ångström, cafe\u0301, Tiếng Việt, Tie\u0302\u0301ng',
  'Привет, γειά σου',
  'שָׁלוֹם עולם',
  'مَرْحَبًا بالعالم',
  'می\u200cخواهم، ۳۰\u200cساله، PDF\u200cها',
  'नमस्ते क्\u200dष श्\u200dरी',
  'ರ\u200d್ಕ ಕ್\u200cಕ',
  'ന്\u200d ക്ഷ',
  'ශ්\u200dරී ලංකා',
  'ខ្ញុំ\u200bស្រឡាញ់\u200bភាសា\u200b។ ២០២៦\u200bនាក់',
  'สวัสดี\u200bครับ น้ำ',
  'ສະບາຍ\u200bດີ ນ້ຳ',
  'မျှော်လင့်\u200bသည် က\ufe00',
  'བསྒྲུབས ཧྐྵྨླྺྲྱྃ',
  '\u200fשלום\u200f! (C++\u200e) יְרוּשָׁלַ֔יִם',
  'سلام\u061c 3-2',
  'ភា\u200b\u200bសា می\u200c\u200fخواهم',
  '葛\u{e0100}城市 辻\u{e0101} \ufa10\ufe00、\ufe00',
  'ᠰᠠᠶ\u180bᠢᠨ ᠨ\u180eᠠ ᠵ\u200dᠢ',
  'name\tvalue',
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
      fc.constantFrom(
        ...CONDITIONAL,
        ...DIRECTION,
        '\n',
        '\r',
        '\r\n',
        '\t',
        '\u0301',
        '\u11a8',
        '\u20e3',
        '\u094d',
        '\u064b',
      ),
      fc.constantFrom(...PEOPLE, 'م', '葛', 'ខ', 'ᠰ', '🙂', '🏽', '❤', '1', 'a'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 30 },
  )
  .map(parts => parts.join(''))

describe('what people write passes unchanged', () => {
  test.each(PEOPLE)('%s', text => {
    expect(printable(text)).toBe(text)
    if (!text.includes('\t')) expect(printableLine(text)).toBe(text)
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
    ['half a surrogate pair', 'a\ud800b\udc00', `a${cells(1)}b${cells(1)}`],
    ['reordering', '\u202egpj.exe\u2066', 'gpj.exe'],
    ['zero width', 'pay\u200bpal\u2060\ufeff', 'paypal'],
    ['fillers', '\u3164\u115f\u1160\uffa0\u00ad\u034f', ''],
    ['other line ends', 'a\u2028b\u2029c', 'a\nb\nc'],
    ['annotations', '\ufff9a\ufffab\ufffb', 'ab'],
    ['tags, and with them the flags of regions', '🏴\u{e0067}\u{e0062}\u{e007f}', '🏴'],
    ['a joiner between letters that do not join', 'a\u200db\u200cc', 'abc'],
    ['four joiners in an Arabic word', 'مي\u200c\u200c\u200c\u200cخو', 'ميخو'],
    ['a joiner at the end of a word', 'مي\u200c مي\u200c', 'مي مي'],
    ['a joiner after an emoji', '🙂\u200d', '🙂'],
    ['more joined emoji than any in use', '🙂\u200d🙂\u200d🙂\u200d🙂\u200d🙂', '🙂\u200d🙂\u200d🙂\u200d🙂🙂'],
    ['zero width at the ends of Khmer', '\u200bភាសា\u200b', 'ភាសា'],
    ['zero width four times in Khmer', `ភា${'\u200b'.repeat(4)}សា`, 'ភាសា'],
    ['a selector after a letter or digit', 'a\ufe0f1\ufe0f2\u{e0100}', 'a12'],
    ['a selector of emoji after an ideograph', '葛\ufe0f', '葛'],
    ['an ideographic selector after an emoji', '❤\u{e0100}', '❤'],
    ['a Mongolian selector after a letter of another script', 'a\u180bб\u180f', 'aб'],
    ['a Mongolian separator between letters of other scripts', 'a\u180eb', 'ab'],
    ['two selectors', '❤\ufe0f\ufe0f葛\u{e0100}\u{e0101}', '❤\ufe0f葛\u{e0100}'],
    ['towers of marks', `a${'\u0301'.repeat(50)}b`, `a${'\u0301'.repeat(4)}b`],
    ['towers of vowels', `가${'\u1161'.repeat(50)}`, `가${'\u1161'.repeat(4)}`],
    ['towers of points', `ש${'\u05b8'.repeat(50)}`, `ש${'\u05b8'.repeat(8)}`],
    ['towers behind joiners', `क${'\u094d\u200d'.repeat(50)}`, `क${'\u094d\u200d'.repeat(8)}`],
    ['towers around what is dropped', `a${'\u0301\u202e'.repeat(50)}`, `a${'\u0301'.repeat(4)}`],
  ])('%s', (_, text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  test('each control is one visible cell, each other forbidden character nothing, wherever it stands', () => {
    for (const hidden of forbidden) {
      const shown = printable(`م${hidden}🙂`)
      const expected = /[\p{Cc}\p{Cs}]/u.test(hidden) ? /^م[\u2400-\u2421\ufffd]🙂$/u : /^م\n?🙂$/u
      expect([hidden, shown]).toEqual([hidden, expect.stringMatching(expected)])
    }
  })

  test('whatever comes, no forbidden character is left, and a second look changes nothing', () => {
    fc.assert(
      fc.property(hostile, text => {
        const shown = printable(text, Infinity)
        expect(Array.from(shown).filter(character => forbidden.has(character))).toEqual([])
        expect(shown).not.toMatch(/[\u0300-\u036f\u1160-\u11ff]{5}|\p{M}{9}/u)
        expect(shown).not.toMatch(/^[\u200b-\u200d]|[\u200b-\u200d]{3}|^[\ufe00-\ufe0f]|[\ufe00-\ufe0f]{2}|\u200b$/u)
        expect(printable(shown, Infinity)).toBe(shown)
      }),
      { numRuns: 2_000 },
    )
  })
})

test('a name has nothing invisible at all', () => {
  expect(printableName('👨\u200d👩 ❤\ufe0f می\u200cخ\u200f葛\u{e0100}\u2800.png')).toBe('👨👩 ❤ میخ葛.png')
  fc.assert(
    fc.property(hostile, text => {
      expect(printableName(text)).not.toMatch(/[\p{Cc}\p{DI}\p{Zl}\p{Zp}\u2800]/u)
    }),
  )
})

test('a newline stays one in a text, and becomes a cell in a line', () => {
  expect(printable('a\r\nb\nc\r\r\n')).toBe('a\nb\nc␍\n')
  expect(printableLine('a\r\nb\nc')).toBe('a␤b␤c')
  expect(printableLine('plain\nname')).toBe('plain␤name')
})

test('a tab stays one in a text, and becomes a cell in a line', () => {
  expect(printable('\ta\tb')).toBe('\ta\tb')
  expect(printable('é\t')).toBe('é\t')
  expect(printableLine('\ta\tb')).toBe('␉a␉b')
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
