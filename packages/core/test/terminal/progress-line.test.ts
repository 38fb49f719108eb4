import { expect, test } from 'vitest'
import { progressLine } from '../../src/terminal/progress-line.ts'

function streamOf(isTTY: boolean) {
  const written: string[] = []
  return { isTTY, columns: 20, written, write: (text: string) => void written.push(text) }
}

test('a terminal has one line that is written over, cut off before its end, and taken away once', () => {
  const stream = streamOf(true)
  const line = progressLine(stream, false)
  line.clear()
  line.show('a step')
  line.show('a step that is much too long')
  line.clear()
  line.clear()
  expect(stream.written).toEqual(['\r\u001b[Ka step', '\r\u001b[Ka step that is mu', '\r\u001b[K'])
})

test('a file has none', () => {
  const stream = streamOf(false)
  const line = progressLine(stream, false)
  line.show('a step')
  line.clear()
  expect(stream.written).toEqual([])
})
