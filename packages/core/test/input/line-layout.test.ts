import xterm from '@xterm/headless'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { clustersAround } from '../../src/terminal/clusters.ts'
import { layoutLine } from '../../src/input/line-layout.ts'
import { widthsByCodePoint } from '../support/screen/unicode-widths.ts'

const CLUSTERS = [
  'a',
  'é',
  'e\u0301',
  '你',
  '🙂',
  '\u00a9',
  '\u2764\ufe0f',
  '1\ufe0f\u20e3',
  '\u{1f1ee}\u{1f1f9}',
  'ש',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  '\u{1f44d}\u{1f3fd}',
  '\u0915\u094d\u0937\u093f',
  ' ',
  '\t',
  '\u1161',
]

/** Where the cursor of a terminal is after it has been written to, from the top left corner. */
async function cursorAfter(written: string, columns: number, agrees: boolean): Promise<[number, number]> {
  const terminal = new xterm.Terminal({ cols: columns, rows: 200, allowProposedApi: true })
  if (agrees) {
    terminal.unicode.register(widthsByCodePoint)
    terminal.unicode.activeVersion = widthsByCodePoint.version
  }
  await new Promise<void>(resolve => terminal.write(written, resolve))
  const { cursorX, cursorY } = terminal.buffer.active
  terminal.dispose()
  return [cursorY, cursorX]
}

const text = fc.array(fc.constantFrom(...CLUSTERS), { maxLength: 40 }).map(clusters => clusters.join(''))

test.each([
  ['in a terminal that counts emoji as two cells', true],
  ['in a terminal that knows no emoji', false],
])('the cursor is where the layout says, %s', async (_, agrees) => {
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 4, max: 30 }), async (line, columns) => {
      const { drawing, tail, height, row, column } = layoutLine('me> ', line, line.length, columns)
      expect(row).toBe(height - 1)
      expect(await cursorAfter(drawing + tail, columns, agrees)).toEqual([row, column])
    }),
  )
})

test('no row is wider than the terminal, and the cursor stands before the cluster that it is in', () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.integer({ min: 1, max: 30 }), (line, at, columns) => {
      const cursor = at % (line.length + 1)
      const here = layoutLine('me> ', line, cursor, columns)
      const start = cursor - clustersAround(line, cursor).before.length
      expect(here.column).toBeLessThan(columns)
      expect(here.row).toBeLessThan(here.height)
      expect(here.atEnd).toBe(cursor === line.length)
      expect(start).toBeGreaterThanOrEqual(0)
    }),
  )
})
