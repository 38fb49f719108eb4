import { rowsOf, widthOf } from '@p2p-secure-chat/core/terminal/rows'
import { wrapLines } from '@p2p-secure-chat/core/terminal/wrap-lines'

/** Cells of a line where the output is no terminal, and the least and most that are used of one: long lines are hard to read. */
const WIDTH = { unknown: 100, least: 40, most: 110 }

/** Cells of a line of text at least, however little room there is. */
const LEAST_ROOM = 20

/** How wide running text is. @param columns of the terminal; undefined: there is none */
export function textWidth(columns: number | undefined): number {
  return Math.min(WIDTH.most, Math.max(WIDTH.least, columns ?? WIDTH.unknown))
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
