import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { rowsOf, rowsOfLine, widthOf } from '@p2p-secure-chat/core/terminal/rows'
import { wrapLines } from '@p2p-secure-chat/core/terminal/wrap-lines'

/** Cells of a line where the output is no terminal, and the least and most that are used of one: long lines are hard to read. */
const TEXT_WIDTH = { unknown: 100, least: 40, most: 110 }

/** Cells of a line of text at least, however little room there is. */
const LEAST_ROOM = 20

/** How wide running text is. @param columns of the terminal; undefined: there is none */
export function textWidth(columns: number | undefined): number {
  return Math.min(TEXT_WIDTH.most, Math.max(TEXT_WIDTH.least, columns ?? TEXT_WIDTH.unknown))
}

/** A text in lines of that many cells, each behind the same indentation but the first, which has a mark there. */
export function hanging(mark: string, text: string, indent: number, width: number): string[] {
  const room = Math.max(LEAST_ROOM, width - indent - widthOf(mark))
  const lines = rowsOf(text, room, 'prose')
  const spaces = ' '.repeat(indent)
  return lines.map((line, i) => spaces + (i === 0 ? mark : ' '.repeat(widthOf(mark))) + line)
}

/**
 * Lines laid out for `width` cells, broken once more where the terminal has fewer: where a terminal breaks them itself, a
 * row begins with whatever others have said.
 *
 * @param columns of the terminal; undefined: there is none
 */
export function narrowed(lines: string, width: number, columns: number | undefined): string {
  return columns !== undefined && columns < width ? wrapLines(lines, columns) : lines
}

/** How wide the columns of a ladder are, in cells. */
export interface Layout {
  /** All of the line. */
  readonly width: number
  readonly time: number
  /** Digits of a second behind the point. */
  readonly digits: number
  readonly name: number
  /** Where the lines begin that belong to the one above. */
  readonly indent: number
}

/** Cells of the ladder where the output is no terminal, and the least and most that it uses of one. */
const LADDER_WIDTH = { unknown: 110, least: 80, most: 160 }

/** From here on there is room for microseconds and long names. */
const ROOMY = 100

/** Cells of the number of a packet, and of that of a conversation. */
export const PACKET_CELLS = 6
export const CONVERSATION_CELLS = 4

/** @param columns cells of the terminal; undefined: there is none */
export function layoutFor(columns: number | undefined): Layout {
  const width = Math.min(LADDER_WIDTH.most, Math.max(LADDER_WIDTH.least, columns ?? LADDER_WIDTH.unknown))
  const [time, digits, name] = width >= ROOMY ? [12, 6, 14] : [9, 3, 9]
  return { width, time, digits, name, indent: time + PACKET_CELLS + CONVERSATION_CELLS + 3 }
}

/** One line of text in exactly that many cells, padded with spaces or cut off with an ellipsis. */
export function fitted(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  const shown = cutOff(printableLine(text), cells)
  const spaces = ' '.repeat(Math.max(0, cells - widthOf(shown)))
  return align === 'left' ? shown + spaces : spaces + shown
}

/** One line of text in at most that many cells. */
function cutOff(text: string, cells: number): string {
  const [first = '', ...others] = rowsOfLine(text, cells, 'cells')
  return others.length === 0 ? first : `${rowsOfLine(text, cells - 1, 'cells')[0]}…`
}
