import { AUTOWRAP_OFF, AUTOWRAP_ON } from './autowrap.ts'
import { cellsOf, clusters } from './clusters.ts'
import { rowsOfLine, DRAWN_TAB, widthOf } from './rows.ts'

/** Single characters on whose width terminals agree, unless it is ambiguous. */
const AGREED = /^(?!\p{ExtPict}|\p{RI}|[\u1160-\u11ff\ud7b0-\ud7ff])[\p{L}\p{N}\p{P}\p{S}\p{Zs}]$/u

/** At the end of a full row: the blank makes the terminal wrap, and whatever comes next takes its place. */
const WRAP = ' \r'

/** A line as it is drawn. */
export interface LineLayout {
  /** What to write where the first row begins; the cursor is then behind the last character. */
  readonly drawing: string
  /** What to write then, where the last row is full, so that the cursor is in a row of its own; else ''. */
  readonly tail: string
  /** How many rows that takes, the one of the tail counted. */
  readonly height: number
  /** Where the cursor belongs: rows below the first, cells from the left. */
  readonly row: number
  readonly column: number
  /** Whether the cursor is behind the last character. */
  readonly atEnd: boolean
}

/**
 * Lays a prompt and the text behind it out in rows. Terminals do not agree how wide a family, a flag or a heart is, or
 * whether marks join the letter before them; so after each such cluster the cursor is put where it belongs by our
 * count, and what the terminal drew beyond that is wiped. Nothing else in the line can be displaced thereby. Full rows
 * are wrapped by the terminal itself, for then it knows that they are one line.
 *
 * @param prompt colours are allowed
 * @param text without control characters but tabs
 * @param cursor an index into `text`, in UTF-16 code units; within a cluster it counts as before it
 * @param columns cells in a row
 */
export function layoutLine(prompt: string, text: string, cursor: number, columns: number): LineLayout {
  const promptRows = rowsOfLine(prompt, columns, 'cells')
  let drawing = promptRows.join('\r\n')
  let row = promptRows.length - 1
  let column = widthOf(promptRows.at(-1) ?? '')
  // Whether the terminal goes on in the next row by itself.
  let wraps = true
  let place: { row: number; column: number } | null = null
  /** Where the next cluster begins in the text. */
  let index = 0

  /** How to get from the end of this row to the next one. */
  function wayDown(): string {
    return column < columns || !wraps ? '\r\n' : WRAP
  }

  for (const cluster of clusters(text)) {
    const agreed = AGREED.test(cluster) && cellsOf(cluster, 1) === cellsOf(cluster)
    const shown = cluster === '\t' ? DRAWN_TAB : cluster
    const width = Math.min(cellsOf(shown), columns)
    if (column + width > columns) {
      // Agreed characters wrap by themselves.
      if (!agreed || wayDown() !== WRAP) drawing += wayDown()
      row += 1
      column = 0
    }
    index += cluster.length
    if (place === null && cursor < index) place = { row, column }
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
    ...(place ?? (full ? { row: row + 1, column: 0 } : { row, column })),
    atEnd: place === null,
  }
}
