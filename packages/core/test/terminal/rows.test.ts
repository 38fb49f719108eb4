// oxlint-disable no-control-regex -- what colours a text is a control sequence
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clusters, mostCellsOf } from '../../src/terminal/clusters.ts'
import { printable } from '../../src/terminal/printable.ts'
import { coloursIn, rowsOf, rowsOfLine, widthOf } from '../../src/terminal/rows.ts'
import { CLASSES } from '../support/screen/expensive-texts.ts'

const COLOUR = /\u001b\[\d+m/g

/** A line of clusters of every class, many of one or one of many. */
const line = fc
  .array(fc.tuple(fc.constantFrom(...Object.values(CLASSES), 'word', ' '), fc.integer({ min: 1, max: 12 })), {
    maxLength: 20,
  })
  .map(runs => printable(runs.map(([unit, count]) => unit.repeat(count)).join('')).replaceAll(/[\n\t]/g, ''))

const columns = fc.integer({ min: 2, max: 40 })

/** The line that was broken into rows: the end of a full one may stand for a blank. */
function lineOf(rows: readonly string[], whole: string, columns: number): string {
  return rows.reduce((line, row, index) => {
    const full = index > 0 && widthOf(rows[index - 1] ?? '') === columns
    return line + (full && whole[line.length] === ' ' ? ' ' : '') + row
  }, '')
}

describe.each(['cells', 'words', 'prose'] as const)('rows that break at %s', breaks => {
  test('are never wider than the terminal', () => {
    fc.assert(
      fc.property(line, columns, (text, cells) => {
        for (const row of rowsOfLine(text, cells, breaks)) expect(widthOf(row)).toBeLessThanOrEqual(cells)
      }),
    )
  })

  test('are the same with colours, which none of them loses or takes room for', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), columns, (texts, cells) => {
        const plain = texts.join(' x y')
        const coloured = texts.join(' \u001b[31mx\u001b[39m y')
        const rows = rowsOfLine(coloured, cells, breaks)
        expect(rows.map(row => row.replaceAll(COLOUR, ''))).toEqual(rowsOfLine(plain, cells, breaks))
        expect(coloursIn(rows.join(''))).toBe('\u001b[31m\u001b[39m'.repeat(texts.length - 1))
      }),
    )
  })
})

test('no cluster is cut that fits into a row', () => {
  fc.assert(
    fc.property(line, columns, (text, cells) => {
      let end = 0
      /** Where a row may end: behind a cluster or a blank, and within what is wider than a row. */
      const ends = new Set<number>()
      for (const cluster of text.split(/( )/).flatMap(word => [...clusters(word)])) {
        const first = mostCellsOf(cluster) > cells ? end + 1 : end + cluster.length
        end += cluster.length
        for (let place = first; place <= end; place += 1) ends.add(place)
      }
      let place = 0
      for (const row of rowsOfLine(text, cells, 'cells').filter(row => row !== '')) {
        place += row.length
        expect(ends).toContain(place)
      }
    }),
  )
})

describe('nothing is lost', () => {
  test('where rows are filled', () => {
    fc.assert(
      fc.property(line, columns, (text, cells) => {
        const rows = rowsOfLine(text, cells, 'cells')
        expect(rows.join('')).toBe(text)
        // What begins the next row had no room.
        for (const [index, row] of rows.slice(1).entries()) {
          const [first = ''] = clusters(row)
          expect(widthOf(rows[index] ?? '') + mostCellsOf(first)).toBeGreaterThan(cells)
        }
      }),
    )
  })

  test('but one blank at a break between words, where the row before is full', () => {
    fc.assert(
      fc.property(line, columns, (text, cells) => {
        expect(lineOf(rowsOfLine(text, cells, 'words'), text, cells)).toBe(text)
      }),
    )
  })

  test('but blanks at the ends of rows of prose', () => {
    fc.assert(
      fc.property(line, columns, (text, cells) => {
        const rows = rowsOfLine(text, cells, 'prose')
        for (const row of rows.map(text => [...clusters(text)])) expect([row.at(0), row.at(-1)]).not.toContain(' ')
        expect(rows.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      }),
    )
  })
})

test('words stay whole where they fit into a row', () => {
  const word = fc.integer({ min: 1, max: 10 }).map(length => 'w'.repeat(length))
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), fc.integer({ min: 10, max: 30 }), (words, cells) => {
      const rows = rowsOfLine(words.join(' '), cells, 'prose')
      expect(rows.join(' ')).toBe(words.join(' '))
      // Each row has taken all words that it has room for.
      for (const [index, row] of rows.slice(1).entries()) {
        expect(`${rows[index]} ${row.split(' ', 1).join('')}`.length).toBeGreaterThan(cells)
      }
    }),
  )
})

test.each([
  ['a word wider than a row begins where it stands', 'ab cdefghijkl', ['ab cdefg', 'hijkl']],
  ['but in the next row where it is cut once less there', 'abcd efghijklmnopqrst', ['abcd ', 'efghijkl', 'mnopqrst']],
  ['blanks are kept, but for the one at which a row breaks', 'abcdefgh   i', ['abcdefgh', '  i']],
  ['a blank that still fits stays in its row', 'abcdefg hi', ['abcdefg ', 'hi']],
  ['a blank at the beginning is kept', '  ab cdefg', ['  ab ', 'cdefg']],
])('%s', (_, text, rows) => {
  expect(rowsOfLine(text, 8, 'words')).toEqual(rows)
})

test('each line of a text begins a row, also an empty one', () => {
  expect(rowsOf('one two\n\nthree', 5, 'prose')).toEqual(['one', 'two', '', 'three'])
})
