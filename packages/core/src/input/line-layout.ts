import { AUTOWRAP_OFF, AUTOWRAP_ON, DRAWN_TAB, rowsOfLine, widthOf } from '../terminal/rows.ts'
import { cellsOf, clusters } from '../terminal/clusters.ts'
import { wrapLines } from '../terminal/wrap-lines.ts'

/** Single characters on whose width terminals agree, unless it is ambiguous. */
const AGREED = /^(?!\p{ExtPict}|\p{RI}|[\u1160-\u11ff\ud7b0-\ud7ff])[\p{L}\p{N}\p{P}\p{S}\p{Zs}]$/u

/** A prompt that the terminal wraps where we do; it may have colours. */
// oxlint-disable-next-line no-control-regex
const PLAIN = /^(?:[\n\x20-\x7e]|\u001b\[[\d;]*m)*$/

/** The bytes between two rows that are not one line to the terminal. */
const ROW_BREAK = '\r\n'

/** What moves the cursor, colours or wipes: everything of a drawing that takes no cell. */
// oxlint-disable-next-line no-control-regex
const SEQUENCES = /\u001b\[[\d;?]*[A-Za-z]/g

/** At the end of a full row: the blank makes the terminal wrap, and whatever comes next takes its place. */
const WRAP = ' \r'

/** A place in the rows of a line: rows below the first, cells from the left. */
export interface CursorPlace {
  readonly row: number
  readonly column: number
}

/** A line as it is drawn; its place is where the cursor belongs. */
export interface LineLayout extends CursorPlace {
  /** What to write where the first row begins; the cursor is then behind the last character. */
  readonly drawing: string
  /** What to write then, where the last row is full, so that the cursor is in a row of its own; else ''. */
  readonly tail: string
  /** How many rows that takes, the one of the tail counted. */
  readonly height: number
  /** Whether the cursor is behind the last character. */
  readonly atEnd: boolean
  /** How the drawing begins, up to where the cursor belongs. */
  readonly before: string
}

/**
 * Lays a prompt and the text behind it out in rows. Terminals do not agree how wide a family, a flag or a heart is, or
 * whether marks join the letter before them; so after each such cluster the cursor is put where it belongs by our
 * count, and what the terminal drew beyond that is wiped. Nothing else in the line can move because of it. Full rows
 * are wrapped by the terminal itself, for then it knows that they are one line.
 *
 * @param prompt colours are allowed; of several lines, all but the last stand above the text, wrapped
 * @param text without control characters but tabs
 * @param cursor an index into `text`, in UTF-16 code units; within a cluster it counts as before it
 * @param columns cells in a row
 */
export function layoutLine(prompt: string, text: string, cursor: number, columns: number): LineLayout {
  const start = prompt.lastIndexOf('\n') + 1
  const above = start > 0 ? wrapLines(prompt.slice(0, start - 1), columns).split('\n') : []
  const promptRows = rowsOfLine(prompt.slice(start), columns, 'cells')
  // One line to the terminal, which then does the same to all of it when its width changes.
  const isOneLine = Number.isFinite(columns) && PLAIN.test(prompt)
  const filled = above.map(text => (isOneLine ? text + ' '.repeat(Math.max(0, columns - widthOf(text))) : text))
  let drawing = [...filled, ...promptRows].join(isOneLine ? '' : ROW_BREAK)
  let row = above.length + promptRows.length - 1
  let column = widthOf(promptRows.at(-1) ?? '')
  // Whether the terminal goes on in the next row by itself.
  let wraps = true
  let place: (CursorPlace & { readonly before: string }) | null = null
  /** Where the next cluster begins in the text. */
  let index = 0

  /** How to get from the end of this row to the next one. */
  function wayDown(): string {
    return column < columns || !wraps ? ROW_BREAK : WRAP
  }

  for (const cluster of clusters(text)) {
    const agreed = AGREED.test(cluster) && cellsOf(cluster, 1) === cellsOf(cluster)
    const shown = cluster === '\t' ? DRAWN_TAB : cluster
    const width = Math.min(cellsOf(shown), columns)
    if (column + width > columns) {
      // Agreed characters wrap by themselves.
      if (!agreed || (column >= columns && !wraps)) drawing += wayDown()
      row += 1
      column = 0
    }
    index += cluster.length
    if (place === null && cursor < index) place = { row, column, before: drawing }
    column += width
    wraps = agreed
    if (agreed) drawing += shown
    else drawing += `${AUTOWRAP_OFF}${shown}${AUTOWRAP_ON}${column < columns ? `\u001b[${column + 1}G\u001b[K` : ''}`
  }
  const full = column >= columns
  return {
    drawing,
    tail: full ? wayDown() : '',
    height: row + (full ? 2 : 1),
    ...(place ?? { ...(full ? { row: row + 1, column: 0 } : { row, column }), before: drawing }),
    atEnd: place === null,
  }
}

/**
 * Where the cursor is after the terminal has got another width, if it is one of those that wrap all lines again then.
 *
 * @param columns cells in a row now
 */
export function placeAfterWrapping(layout: LineLayout, columns: number): CursorPlace {
  const rows = linesTo(layout).flatMap(line => rowsOfLine(line, columns, 'cells'))
  const place = { row: rows.length - 1, column: widthOf(rows.at(-1) ?? '') }
  return place.column < columns ? place : { row: place.row + 1, column: 0 }
}

/** How many rows there are, in a terminal of that width, above what it takes for the line with the cursor. */
export function rowsAboveCursorLine(layout: LineLayout, columns: number): number {
  return linesTo(layout)
    .slice(0, -1)
    .flatMap(line => rowsOfLine(line, columns, 'cells')).length
}

/** What the terminal takes for lines, up to the cursor. */
function linesTo({ before }: LineLayout): string[] {
  const lines = before.replaceAll(SEQUENCES, '').split(ROW_BREAK)
  return lines.map(line => line.replaceAll(WRAP, ''))
}
