import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { filled, searchProgress } from '../../src/group/search-progress.ts'

function stream(isTTY: boolean, columns: number) {
  const written: string[] = []
  return { isTTY, columns, write: (text: string) => written.push(text), written }
}

/** Shows progress at the given times in milliseconds. */
function shown(screen: ReturnType<typeof stream>, times: number[]): string[] {
  let time = 0
  const bar = searchProgress(screen, () => time, false)
  for (const [i, at] of times.entries()) {
    time = at
    bar.show({ tried: 1000 * (i + 1), expected: 2720 })
  }
  bar.clear()
  return screen.written
}

test('a terminal gets one line, drawn over and over, that is gone in the end', () => {
  const [first = '', second = '', last, ...more] = shown(stream(true, 80), [0, 50, 99, 100])
  expect(stripVTControlCharacters(first)).toBe(
    '\r[#######-----------------] candidates: 1,000 tried, about 2,720 expected',
  )
  expect(stripVTControlCharacters(second)).toContain('candidates: 4,000 tried')
  expect([first, second].every(text => text.startsWith('\r\u001b[K') && !text.includes('\n'))).toBe(true)
  expect(last).toBe('\r\u001b[K')
  expect(more).toEqual([])
})

test('a narrow terminal gets no bar and no second line', () => {
  for (const columns of [10, 40, 69]) {
    const [first = ''] = shown(stream(true, columns), [0])
    expect(stripVTControlCharacters(first).trim().length).toBeLessThan(columns)
    expect(first).not.toContain('#')
  }
})

test('a log gets a plain line every ten seconds', () => {
  expect(shown(stream(false, 80), [0, 100, 9999, 10_000])).toEqual([
    'candidates: 1,000 tried, about 2,720 expected\n',
    'candidates: 4,000 tried, about 2,720 expected\n',
  ])
})

test('a search that never drew leaves nothing to clear', () => {
  expect(shown(stream(true, 80), [])).toEqual([])
})

test('the bar is never full before the search is over, and two thirds full where it is expected to end', () => {
  expect(filled({ tried: 0, expected: 100 })).toBe(0)
  expect(filled({ tried: 100, expected: 100 })).toBeCloseTo(0.632, 3)
  expect(filled({ tried: 300, expected: 100 })).toBeLessThan(1)
})
