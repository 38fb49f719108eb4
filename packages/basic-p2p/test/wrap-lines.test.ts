import { expect, test } from 'vitest'
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

test('lines that fit stay as they are', () => {
  expect(wrapLines('talking with bob\n  verified', 80)).toBe('talking with bob\n  verified')
})
