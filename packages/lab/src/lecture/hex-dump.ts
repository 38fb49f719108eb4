import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Mark, ShownBytes } from '../attacks/attack.ts'
import { count } from '../crack/numbers-in-words.ts'
import type { Colours } from '../matrix/result-style.ts'

const ROW_BYTES = 16

/** A dump of so many rows is shown whole. */
const MOST_WHOLE_ROWS = 8

/** Of a longer one without marks these are shown, and its last row. */
const FIRST_ROWS = 4

/** Cells of `0000: `, and of the bytes of a row with the blanks between them. */
const OFFSET_CELLS = 6
const HEX_CELLS = 3 * ROW_BYTES - 1

/** How one mark after the other looks; what comes later begins anew. */
const LOOKS = ['yellow', 'cyan', 'magenta', 'green', 'red', 'blue'] as const
const SIGNS = '^=~+*"'

/** Draws a byte, or what stands for it; a mark is given by its number, -1 for none. */
type Paint = (text: string, mark: number) => string

/**
 * Bytes as xxd shows them (`xxd -g 1`), 16 in a row with the text beside them, at most 69 cells wide. What is marked
 * stands in a colour, or, where there are none, above a line of signs; below it all the marks are named. Of long ones
 * only the rows around the marks are shown.
 */
export function hexDump({ label, bytes, marks = [] }: ShownBytes, colours: Colours): string[] {
  const coloured = colours.level > 0
  const paint: Paint = (text, mark) => (mark < 0 ? text : colours[LOOKS[mark % LOOKS.length] ?? 'yellow'](text))
  /** The later ones stand on those before them. */
  const markAt = (index: number) => marks.findLastIndex(({ from, to }) => index >= from && index < to)
  const lines = [`${printableLine(label)} (${bytesInWords(bytes.length)})`]
  let next = 0
  for (const row of shownRows(bytes.length, marks)) {
    if (row > next)
      lines.push(colours.dim(`${' '.repeat(OFFSET_CELLS)}... ${bytesInWords((row - next) * ROW_BYTES)} ...`))
    next = row + 1
    const start = row * ROW_BYTES
    const numbered = [...bytes.subarray(start, start + ROW_BYTES)].map((byte, i) => [byte, markAt(start + i)] as const)
    const hex = numbered.map(([byte, mark]) => paint(byte.toString(16).padStart(2, '0'), mark))
    const text = numbered.map(([byte, mark]) =>
      paint(byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.', mark),
    )
    const gap = ' '.repeat(3 * (ROW_BYTES - numbered.length) + 2)
    lines.push(`${colours.dim(start.toString(16).padStart(4, '0'))}: ${hex.join(' ')}${gap}${text.join('')}`)
    if (!coloured && numbered.some(([, mark]) => mark >= 0)) lines.push(underline(numbered.map(([, mark]) => mark)))
  }
  return [
    ...lines,
    ...marks.map((mark, i) => {
      const name = paint(`${printableLine(mark.meaning)} (${placeInWords(mark)})`, i)
      return `${' '.repeat(OFFSET_CELLS)}${coloured ? '' : `${signOf(i).repeat(2)} `}${name}`
    }),
  ]
}

const signOf = (mark: number) => SIGNS[mark % SIGNS.length] ?? ' '

/** A line for below a row: signs under its marked bytes, and under their text. */
function underline(marks: readonly number[]): string {
  const sign = (mark: number) => (mark < 0 ? ' ' : signOf(mark))
  const hex = marks.map((mark, i) => sign(mark).repeat(2) + (mark === marks[i + 1] ? sign(mark) : ' ')).join('')
  const text = marks.map(sign).join('')
  return `${' '.repeat(OFFSET_CELLS)}${hex.padEnd(HEX_CELLS + 2)}${text}`.trimEnd()
}

/** Which rows are worth showing, in order. */
function shownRows(size: number, marks: readonly Mark[]): number[] {
  const rows = Array.from({ length: Math.ceil(size / ROW_BYTES) }, (_, row) => row)
  const last = rows.length - 1
  if (rows.length <= MOST_WHOLE_ROWS) return rows
  if (marks.length === 0) return rows.filter(row => row < FIRST_ROWS || row === last)
  const ends = marks.flatMap(({ from, to }) => [from, to - 1].map(index => Math.floor(index / ROW_BYTES)))
  return rows.filter(row => ends.some(end => Math.abs(row - end) <= 1))
}

function bytesInWords(size: number): string {
  return size === 1 ? '1 byte' : `${count(size)} bytes`
}

function placeInWords({ from, to }: Mark): string {
  return to - from === 1 ? `byte ${count(from)}` : `bytes ${count(from)} to ${count(to - 1)}`
}
