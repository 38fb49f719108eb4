import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { closeMatch, slips } from '../../src/commands/suggestions.ts'

test.each([
  ['chat', 'chat', 0],
  ['caht', 'chat', 1],
  ['cht', 'chat', 1],
  ['chaat', 'chat', 1],
  ['chap', 'chat', 1],
  ['', 'chat', 4],
  ['ca', 'abc', 3],
  ['kitten', 'sitting', 3],
])('%s and %s are %i slips apart', (one, other, count) => {
  expect(slips(one, other)).toBe(count)
})

test('the count is that of a metric, but for the third side, and no more than the longer word', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
  fc.assert(
    fc.property(word, word, (one, other) => {
      const count = slips(one, other)
      expect(count).toBe(slips(other, one))
      expect(count === 0).toBe(one === other)
      expect(count).toBeLessThanOrEqual(Math.max(one.length, other.length))
      expect(count).toBeGreaterThanOrEqual(Math.abs(one.length - other.length))
    }),
  )
})

test.each([
  ['bbo', ['alice', 'bob', 'bobby'], 'bob'],
  ['alcie', ['alice', 'bob'], 'alice'],
  ['carlo', ['carol', 'carla'], 'carol'],
  ['mallory', ['alice', 'bob'], null],
  ['x', ['y', 'xy'], null],
  ['bo', ['ab', 'bob'], 'bob'],
  ['bob', ['log'], null],
  ['bob', [], null],
])('%s among %j: %s', (word, words, meant) => {
  expect(closeMatch(word, words)).toBe(meant)
})
