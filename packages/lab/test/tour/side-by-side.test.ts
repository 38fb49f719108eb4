import { widthOf } from '@p2p-secure-chat/core/terminal/rows'
import { expect, test } from 'vitest'
import { sideBySide } from '../../src/tour/side-by-side.ts'

test('each line is wrapped to its column, and emoji count two cells', () => {
  const columns = [
    { heading: 'left', lines: ['one two three four five six', '🍵🍵🍵🍵🍵🍵🍵🍵'], share: 1 },
    { heading: 'right', lines: ['x'], share: 1 },
  ]
  const rows = sideBySide(columns, 33).split('\n')
  expect(rows[0]).toBe('left            │ right')
  expect(new Set(rows.map(row => widthOf(row.slice(0, row.indexOf('│')))))).toEqual(new Set([16]))
  expect(Math.max(...rows.map(row => widthOf(row)))).toBeLessThanOrEqual(33)
  expect(rows.join('').match(/🍵/gu)).toHaveLength(8)
})
