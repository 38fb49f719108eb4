import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { AUTOWRAP_OFF, AUTOWRAP_ON } from './autowrap.ts'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Single characters on whose width terminals agree. */
const AGREED = /^(?!\p{ExtPict}|\p{RI})[\p{L}\p{N}\p{P}\p{S}\p{Zs}]$/u

/** A pictograph that is drawn in one cell, as text, unless a selector asks for the picture. */
const TEXT_PICTOGRAPH = /^(?!\p{EPres})\p{ExtPict}$/u

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
 * @param text without control characters
 * @param cursor an index into `text`, in UTF-16 code units; within a cluster it counts as before it
 * @param columns cells in a row
 */
export function layoutLine(prompt: string, text: string, cursor: number, columns: number): LineLayout {
  const promptRows = wrapRows(prompt, columns)
  let drawing = promptRows.join('\r\n')
  let row = promptRows.length - 1
  let column = stringWidth(promptRows.at(-1) ?? '')
  // Whether the terminal goes on in the next row by itself.
  let wraps = true
  let place: { row: number; column: number } | null = null

  /** How to get from the end of this row to the next one. */
  function wayDown(): string {
    return column < columns || !wraps ? '\r\n' : WRAP
  }

  for (const { segment, index } of graphemes.segment(text)) {
    const agreed = AGREED.test(segment)
    const width = Math.min(TEXT_PICTOGRAPH.test(segment) ? 1 : stringWidth(segment), columns)
    if (column + width > columns) {
      // Agreed characters wrap by themselves.
      if (!agreed || wayDown() !== WRAP) drawing += wayDown()
      row += 1
      column = 0
    }
    if (place === null && cursor < index + segment.length) place = { row, column }
    column += width
    wraps = agreed
    if (agreed) drawing += segment
    else drawing += `${AUTOWRAP_OFF}${segment}${AUTOWRAP_ON}${column < columns ? `\u001b[${column + 1}G\u001b[K` : ''}`
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

function wrapRows(prompt: string, columns: number): string[] {
  if (!Number.isFinite(columns)) return [prompt]
  return wrapAnsi(prompt, columns, { hard: true, wordWrap: false, trim: false }).split('\n')
}

/** The cluster that ends at an index of the text, and the one that begins there; '' for none. */
export function clustersAround(text: string, index: number): { before: string; after: string } {
  const clusters = graphemes.segment(text)
  return {
    before: index > 0 ? text.slice(clusters.containing(index - 1)?.index ?? 0, index) : '',
    after: clusters.containing(index)?.segment ?? '',
  }
}
