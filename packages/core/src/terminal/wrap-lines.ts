import { coloursIn, type RowBreaks, rowsOfLine } from './rows.ts'

const INDENT = '  '

/** A wide character needs as many. */
const LEAST_CELLS = 2

/** Cells of a terminal that does not say how wide it is. */
export const UNKNOWN_WIDTH = 80

/** The part of an output stream that says whether, and where, somebody breaks lines into rows. */
export interface LineStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

/**
 * Breaks lines at the width of a terminal, by default at a word where there is one, and indents what goes on in the next row: a
 * text must not fill a row and begin the next one in another speaker's name. Tabs become blanks.
 *
 * @param text lines, possibly coloured; what comes from others must be printable()
 * @param columns cells of the terminal; 0 or undefined if it does not say
 */
export function wrapLines(text: string, columns: number | undefined, breaks: RowBreaks = 'words'): string {
  const cells = Math.max(LEAST_CELLS, (columns || UNKNOWN_WIDTH) - INDENT.length)
  return text
    .split('\n')
    .map(line => rowsOfLine(line, cells, breaks).join(`\n${INDENT}`))
    .join('\n')
}

/** Lines as they are written to a stream: broken into rows for a terminal, else as they are. */
export function linesFor({ isTTY, columns }: LineStream, text: string): string {
  return isTTY === true ? wrapLines(text, columns) : text
}

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
