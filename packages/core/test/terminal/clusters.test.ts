import xterm from '@xterm/headless'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellsOf, clusters, clustersAround, mostCellsOf, ambiguousCells } from '../../src/terminal/clusters.ts'
import { cellWidth } from '../support/screen/cell-width.ts'
import { CLASSES } from '../support/screen/expensive-texts.ts'

const units = Object.values(CLASSES)

test('are those of the platform, however long the text and each of them are', () => {
  const run = fc.tuple(fc.constantFrom(...units), fc.integer({ min: 1, max: 200 })).map(([unit, n]) => unit.repeat(n))
  fc.assert(
    fc.property(fc.array(run, { maxLength: 8 }), runs => {
      const text = runs.join('')
      expect([...clusters(text)]).toEqual(Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment))
    }),
  )
})

test.each([
  ['a', 1, 1],
  ['\u00e9', 1, 1],
  ['e\u0301', 1, 1],
  ['\u4f60', 2, 2],
  ['\u3000', 2, 2],
  ['\u05e9', 1, 1],
  ['\u0301', 0, 0],
  ['\u0915\u094d\u0937\u093f', 1, 3],
  ['\u0e01\u0e33', 1, 2],
  ['\u0e81\u0eb3', 1, 2],
  ['\u1112\u1161\u11ab', 2, 4],
  ['\u1100\u1100', 2, 4],
  ['\u00a9', 1, 1],
  ['\u2764', 1, 1],
  ['\u2764\ufe0f', 2, 2],
  ['\u231a\ufe0e', 2, 2],
  ['1\ufe0f\u20e3', 2, 2],
  ['\u{1f642}', 2, 2],
  ['\u{1f44d}\u{1f3fd}', 2, 4],
  ['\u{1f1ee}\u{1f1f9}', 2, 4],
  ['\u{1f468}\u200d\u{1f469}\u200d\u{1f467}', 2, 6],
  ['\u2026', 1, 1],
])('%s takes %i cells, and %i where nothing is joined', (cluster, joined, most) => {
  expect([...clusters(cluster)]).toEqual([cluster])
  expect([cellsOf(cluster), mostCellsOf(cluster)]).toEqual([joined, most])
})

/** Of the planes in which characters differ in width. */
const CODE_POINTS = Array.from({ length: 0x20000 }, (_, codePoint) => codePoint)

test('no character takes more cells in a present terminal than are counted at most', () => {
  const wider = CODE_POINTS.filter(codePoint => {
    const character = String.fromCodePoint(codePoint)
    return cellWidth(codePoint) > mostCellsOf(character) && !/[\p{Cc}\p{Cs}\p{DI}]/u.test(character)
  })
  expect(wider.map(codePoint => codePoint.toString(16))).toEqual([])
})

test('no mark takes more in a terminal that knows the marks of an old Unicode alone', async () => {
  const marks = CODE_POINTS.map(codePoint => String.fromCodePoint(codePoint)).filter(text =>
    /[\p{M}\u200b-\u200f\u061c\u180e]/u.test(text),
  )
  const terminal = new xterm.Terminal({ cols: 10, rows: 2, scrollback: marks.length, allowProposedApi: true })
  await new Promise<void>(resolve => terminal.write(marks.map(mark => `a${mark}|`).join('\r\n'), resolve))
  const wider = marks.filter((mark, row) => {
    const line = terminal.buffer.active.getLine(row)
    const cells = Array.from({ length: 10 }, (_, column) => line?.getCell(column)?.getChars())
    return cells.indexOf('|') > 1 + mostCellsOf(mark)
  })
  terminal.dispose()
  expect(wider.map(mark => mark.codePointAt(0)?.toString(16))).toEqual([])
})

test('characters of ambiguous width are wide in an East Asian locale', () => {
  for (const LANG of ['ja_JP.UTF-8', 'ko', 'zh_TW.UTF-8']) expect(ambiguousCells({ LANG })).toBe(2)
  expect(ambiguousCells({ LC_ALL: 'ko_KR.UTF-8', LC_CTYPE: 'C', LANG: 'C' })).toBe(2)
  expect(ambiguousCells({ LC_ALL: '', LC_CTYPE: 'ja_JP', LANG: 'de_DE' })).toBe(2)
  expect(ambiguousCells({ LC_ALL: 'C.UTF-8', LANG: 'ja_JP.UTF-8' })).toBe(1)
  for (const LANG of [undefined, '', 'C', 'en_US.UTF-8', 'kok_IN']) expect(ambiguousCells({ LANG })).toBe(1)
  for (const letter of ['\u2026', '\ufffd', '\u03b1', '\u2460']) {
    expect([cellsOf(letter, 1), mostCellsOf(letter, 1)]).toEqual([1, 1])
    expect([cellsOf(letter, 2), mostCellsOf(letter, 2)]).toEqual([2, 2])
  }
  expect(mostCellsOf('e\u0301', 2)).toBe(1)
})

describe('the clusters around an index', () => {
  const family = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'
  test.each([
    ['', 0, '', ''],
    ['ab', 0, '', 'a'],
    ['ab', 1, 'a', 'b'],
    ['ab', 2, 'b', ''],
    [`a${family}`, 1 + family.length, family, ''],
    [`a${family}b`, 1, 'a', family],
    ['e\u0301', 2, 'e\u0301', ''],
  ])('of %j at %i', (line, index, before, after) => {
    expect(clustersAround(line, index)).toEqual({ before, after })
  })
})
