import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellsOf, clusters, clustersAround } from '../src/terminal/clusters.ts'
import { CLASSES } from './support/expensive-texts.ts'

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
  ['a', 1],
  ['\u00e9', 1],
  ['e\u0301', 1],
  ['\u4f60', 2],
  ['\u3000', 2],
  ['\u05e9', 1],
  ['\u0301', 0],
  ['\u0915\u094d\u0937\u093f', 1],
  ['\u1112\u1161\u11ab', 2],
  ['\u00a9', 1],
  ['\u2764', 1],
  ['\u2764\ufe0f', 2],
  ['1\ufe0f\u20e3', 2],
  ['\u{1f642}', 2],
  ['\u{1f44d}\u{1f3fd}', 2],
  ['\u{1f1ee}\u{1f1f9}', 2],
  ['\u{1f468}\u200d\u{1f469}\u200d\u{1f467}', 2],
  ['\u2026', 1],
])('%s takes %i cells', (cluster, cells) => {
  expect([...clusters(cluster)]).toEqual([cluster])
  expect(cellsOf(cluster)).toBe(cells)
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
