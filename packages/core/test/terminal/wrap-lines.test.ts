import xterm, { type IUnicodeVersionProvider } from '@xterm/headless'
import * as fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { printable } from '../../src/terminal/printable.ts'
import { widthOf } from '../../src/terminal/rows.ts'
import { linesFor, wrapLines } from '../../src/terminal/wrap-lines.ts'
import { CLASSES, EXPENSIVE_TEXTS } from '../support/screen/expensive-texts.ts'
import { widestWidths, widthsByCluster, widthsByCodePoint } from '../support/screen/unicode-widths.ts'

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

test('what is no terminal gets lines as they are, tabs and all', () => {
  const line = `bob: a\tb ${'x'.repeat(100)}`
  expect(linesFor({}, line)).toBe(line)
  expect(linesFor({ isTTY: true, columns: 62 }, line)).toBe(`bob: a    b ${'x'.repeat(48)}\n  ${'x'.repeat(52)}`)
  expect(linesFor({ isTTY: true }, line).split('\n')[0]).toHaveLength(78)
})

test('lines that fit stay as they are', () => {
  expect(wrapLines('talking with bob\n  verified', 80)).toBe('talking with bob\n  verified')
})

/** Clusters on whose width terminals do not agree, and what could stand behind them in another speaker's name. */
const CLUSTERS = [
  ...Object.values(CLASSES),
  ...(
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466} \u{1f575}\u{1f3fd}\u200d\u2642\ufe0f \u{1f1ee} \u{1f321} \u2764\ufe0f ' +
    '\u231a\ufe0e \u263a 1\ufe0f\u20e3 \u845b\u{e0100} \u304b\u3099 \u3248 \u03b1 \u2026 \u2460 \ue0b0 \u00e9 ' +
    '\u0915\u094d\u0937\u093f \u0e19\u0e49\u0e33 \u0e99\u0ec9\u0eb3 \u1019\u103b\u103e\u1031\u102c\u103a \u1781\u17d2\u1789\u17bb\u17c6 ' +
    '\u0cb0\u200d\u0ccd\u0c95 \u0f67\u0f90\u0fb5\u0fa8\u0fb3 \u1100\u1161\u11a8 \ud7b0 \u302e \u061c \u1828\u180e\u1820 \u{1e8d0} \u0600'
  ).split(' '),
  'alice: hello',
  ' ',
]

const spoken = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...CLUSTERS) }, fc.string({ unit: 'binary', maxLength: 2 })),
      fc.integer({ min: 1, max: 20 }),
    ),
    { maxLength: 12 },
  )
  .map(runs => runs.map(([unit, count]) => unit.repeat(count)).join(''))

const TERMINALS: readonly (readonly [string, string, IUnicodeVersionProvider | null])[] = [
  ['that joins emoji', 'C.UTF-8', widthsByCluster],
  ['that joins nothing', 'C.UTF-8', widthsByCodePoint],
  ['that knows an old Unicode', 'C.UTF-8', null],
  ['that is as greedy as any, in East Asia', 'ja_JP.UTF-8', widestWidths],
]

test.each(TERMINALS)(
  'in a terminal %s no row begins with anything but our words or indent',
  async (_, locale, widths) => {
    vi.stubEnv('LC_ALL', locale)
    vi.resetModules()
    onTestFinished(() => void vi.unstubAllEnvs())
    const { wrapLines } = await import('../../src/terminal/wrap-lines.ts')
    const terminal = new xterm.Terminal({ rows: 100, scrollback: 2_000, allowProposedApi: true })
    onTestFinished(() => terminal.dispose())
    if (widths !== null) {
      terminal.unicode.register(widths)
      terminal.unicode.activeVersion = widths.version
    }
    await fc.assert(
      fc.asyncProperty(spoken, fc.integer({ min: 4, max: 60 }), async (text, columns) => {
        terminal.reset()
        terminal.resize(columns, 100)
        const rows = wrapLines(`b: ${printable(text).replaceAll('\n', '\n  ')}`, columns).split('\n')
        await new Promise<void>(resolve => terminal.write(rows.join('\r\n'), resolve))
        const { baseY, cursorY } = terminal.buffer.active
        // As many as were written: the terminal has broken none itself.
        expect(baseY + cursorY).toBe(rows.length - 1)
        const drawn = rows.map((_, row) => terminal.buffer.active.getLine(row)?.translateToString() ?? '')
        expect(drawn.filter(row => !row.startsWith('  ')).map(row => row.slice(0, 2))).toEqual(['b:'])
      }),
    )
  },
)
