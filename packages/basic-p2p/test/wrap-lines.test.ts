import { printable } from '@p2p-secure-chat/core/terminal/printable'
import { widthOf } from '@p2p-secure-chat/core/terminal/rows'
import { expect, test } from 'vitest'
import { EXPENSIVE_TEXTS } from '../../core/test/support/expensive-texts.ts'
import { wrapLines } from '../src/screen/wrap-lines.ts'

test('what does not fit goes on in the next row, indented, at a word', () => {
  expect(wrapLines('bob: one two three four', 16)).toBe('bob: one two \n  three four')
  // Here the blank would be the first cell of the next row.
  expect(wrapLines('bob: ones twos three', 16)).toBe('bob: ones twos\n  three')
})

test('no padding puts words of a text at the beginning of a row', () => {
  for (const columns of [20, 40, 80, 81]) {
    for (let blanks = 0; blanks <= 2 * columns; blanks++) {
      const rows = wrapLines(`bob: hello${' '.repeat(blanks)}alice: I am alice`, columns).split('\n')
      for (const row of rows.slice(1)) expect(row.startsWith('  ')).toBe(true)
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(columns)
    }
  }
})

test.each(EXPENSIVE_TEXTS)('%s fill indented rows, and none of them too far', (_, text) => {
  for (const columns of [20, 80]) {
    const [first, ...rest] = wrapLines(`bob: ${printable(text).replaceAll('\n', '\n  ')}`, columns).split('\n')
    expect(first).toMatch(/^bob:/)
    expect(rest.filter(row => !row.startsWith('  '))).toEqual([])
    expect(rest.filter(row => widthOf(row) > columns)).toEqual([])
  }
})

test('lines that fit stay as they are', () => {
  expect(wrapLines('talking with bob\n  verified', 80)).toBe('talking with bob\n  verified')
})
