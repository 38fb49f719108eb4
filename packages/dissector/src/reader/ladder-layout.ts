import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { rowsOfLine, widthOf } from '@p2p-secure-chat/core/terminal/rows'

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
const WIDTH = { unknown: 110, least: 80, most: 160 }

/** From here on there is room for microseconds and long names. */
const ROOMY = 100

/** Cells of the number of a packet, and of that of a conversation. */
export const PACKET_CELLS = 6
export const CONVERSATION_CELLS = 4

/** @param columns cells of the terminal; undefined: there is none */
export function layoutFor(columns: number | undefined): Layout {
  const width = Math.min(WIDTH.most, Math.max(WIDTH.least, columns ?? WIDTH.unknown))
  const [time, digits, name] = width >= ROOMY ? [12, 6, 14] : [9, 3, 9]
  return { width, time, digits, name, indent: time + PACKET_CELLS + CONVERSATION_CELLS + 3 }
}

/** One line of text in so many cells, filled up with spaces or cut off with an ellipsis. */
export function fitted(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  const shown = cutOff(printableLine(text), cells)
  const spaces = ' '.repeat(Math.max(0, cells - widthOf(shown)))
  return align === 'left' ? shown + spaces : spaces + shown
}

/** One line of text in at most so many cells. */
function cutOff(text: string, cells: number): string {
  const [first = '', ...others] = rowsOfLine(text, cells, 'cells')
  return others.length === 0 ? first : `${rowsOfLine(text, cells - 1, 'cells')[0]}…`
}
