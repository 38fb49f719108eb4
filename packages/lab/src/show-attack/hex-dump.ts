import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Mark, ShownBytes } from '../attacks/attack.ts'
import { count } from '../numbers-in-words.ts'
import { hanging } from '@p2p-secure-chat/dissector/reader/text-layout'

const ROW_BYTES = 16

/** A dump of at most this many rows is shown whole. */
const MOST_WHOLE_ROWS = 8

/** Of a longer one without marks these are shown, and its last row. */
const FIRST_ROWS = 4

/** As wide as `0000: `. */
const INDENT = ' '.repeat(6)

/** Cells of the bytes of a row with the blanks between them. */
const HEX_CELLS = 3 * ROW_BYTES - 1

/** How one mark after the other looks; later ones start over. */
const LOOKS = ['yellow', 'cyan', 'magenta', 'green', 'red', 'blue'] as const
const SIGNS = '^=~+*"'

/**
 * Bytes as xxd shows them (`xxd -g 1`), 16 in a row with the text beside them, at most 71 cells wide. What is marked
 * stands in a colour, or, where there are none, above a line of signs; below it all the marks are named, with their places
 * in decimal, and in hex as at the beginning of a row. Of long ones only the rows around the marks are shown.
 *
 * @param width to which label and names are wrapped, in cells
 */
export function hexDump({ label, bytes, marks = [] }: ShownBytes, colours: Colours, width: number): string[] {
  const coloured = colours.level > 0
  const lines = hanging('', `${printableLine(label)} (${bytesInWords(bytes.length)})`, 0, width)
  let next = 0
  function leaveOut(end: number): void {
    if (end > next) lines.push(colours.dim(`${INDENT}... ${bytesInWords(end - next)} ...`))
  }
  for (const row of shownRows(bytes.length, marks)) {
    const start = row * ROW_BYTES
    leaveOut(start)
    next = Math.min(start + ROW_BYTES, bytes.length)
    // The later ones stand on those before them.
    const marked = Array.from({ length: next - start }, (_, i) =>
      marks.findLastIndex(({ from, to }) => start + i >= from && start + i < to),
    )
    lines.push(rowLine(start, bytes.subarray(start, next), marked, colours))
    if (!coloured && marked.some(mark => mark >= 0)) lines.push(signLine(marked))
  }
  leaveOut(bytes.length)
  const names = marks.flatMap((mark, i) => {
    const sign = coloured ? '' : `${signOf(i).repeat(2)} `
    const name = painted(`${printableLine(mark.meaning)} (${placeInWords(mark)})`, i, colours)
    return hanging(sign, name, INDENT.length, width)
  })
  // Else the sign before a name looks like one below a byte.
  const gap = coloured || names.length === 0 ? [] : ['']
  return [...lines, ...gap, ...names]
}

/** @param marked the number of the mark of each byte, -1 for none */
function rowLine(start: number, bytes: Uint8Array, marked: readonly number[], colours: Colours): string {
  const each = (show: (byte: number) => string) =>
    [...bytes].map((byte, i) => painted(show(byte), marked[i] ?? -1, colours))
  const hex = each(byte => byte.toString(16).padStart(2, '0')).join(' ')
  const text = each(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
  const gap = ' '.repeat(3 * (ROW_BYTES - bytes.length) + 2)
  return `${colours.dim(offset(start))}: ${hex}${gap}${text}`
}

/** Goes below a row: signs under its marked bytes, and under their text. */
function signLine(marked: readonly number[]): string {
  const hex = marked.map((mark, i) => signOf(mark).repeat(2) + (mark === marked[i + 1] ? signOf(mark) : ' ')).join('')
  return `${INDENT}${hex.padEnd(HEX_CELLS + 2)}${marked.map(signOf).join('')}`.trimEnd()
}

function painted(text: string, mark: number, colours: Colours): string {
  const look = mark < 0 ? undefined : LOOKS[mark % LOOKS.length]
  return look === undefined ? text : colours[look](text)
}

const signOf = (mark: number): string => (mark < 0 ? ' ' : (SIGNS[mark % SIGNS.length] ?? ' '))

/** Which rows are worth showing, in order. */
function shownRows(size: number, marks: readonly Mark[]): number[] {
  const rows = Array.from({ length: Math.ceil(size / ROW_BYTES) }, (_, row) => row)
  const last = rows.length - 1
  if (rows.length <= MOST_WHOLE_ROWS) return rows
  if (marks.length === 0) return rows.filter(row => row < FIRST_ROWS || row === last)
  const ends = marks.flatMap(({ from, to }) => [from, to - 1].map(index => Math.floor(index / ROW_BYTES)))
  const isNear = (row: number) => row < 0 || row > last || ends.some(end => Math.abs(row - end) <= 1)
  // To say that one row is left out takes as much room as the row.
  return rows.filter(row => isNear(row) || (isNear(row - 1) && isNear(row + 1)))
}

function bytesInWords(size: number): string {
  return size === 1 ? '1 byte' : `${count(size)} bytes`
}

function placeInWords({ from, to }: Mark): string {
  const last = to - 1
  if (last === from) return `byte ${count(from)}: ${offset(from)}`
  return `bytes ${count(from)} to ${count(last)}: ${offset(from)} to ${offset(last)}`
}

/** In hex, of four digits at least. */
function offset(index: number): string {
  return index.toString(16).padStart(4, '0')
}
