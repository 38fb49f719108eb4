import { expect, test } from 'vitest'
import { narrowed } from '../../src/reader/text-layout.ts'

const LINE = 'bob says nothing, and then says: alice: I agree\n'

test('lines stay as they are where they fit, and where there is no terminal', () => {
  expect(narrowed(LINE, 80, 80)).toBe(LINE)
  expect(narrowed(LINE, 80, undefined)).toBe(LINE)
})

test('on a narrower terminal they are broken, and what goes on is indented', () => {
  expect(narrowed(LINE, 80, 35)).toBe('bob says nothing, and then says: \n  alice: I agree\n')
})
