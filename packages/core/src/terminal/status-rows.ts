import { coloursIn, rowsOfLine } from './rows.ts'
import { UNKNOWN_WIDTH } from './wrap-lines.ts'

/** More would push the conversation off a small terminal. */
export const MAX_STATUS_ROWS = 8

/** How many rows a terminal has that does not say so. */
const UNKNOWN_HEIGHT = 24

/**
 * Cuts a status so that each of its lines is one row, and all of them together leave most of the terminal to others.
 *
 * @param text lines, possibly coloured; '' for none
 */
export function statusRows(text: string, { columns, rows }: { columns: number; rows: number }): string[] {
  if (text === '') return []
  const most = Math.min(MAX_STATUS_ROWS, Math.floor((rows || UNKNOWN_HEIGHT) / 2))
  return text
    .split('\n')
    .slice(0, most)
    .map(line => firstRow(line, columns || UNKNOWN_WIDTH))
}

/** Keeps the colour codes of what is cut off, so that no colour runs on into the next row. */
function firstRow(line: string, columns: number): string {
  const [first = '', ...others] = rowsOfLine(line, columns, 'cells')
  return first + coloursIn(others.join(''))
}
