// oxlint-disable no-control-regex -- what colours a text is a control sequence
import { clusters, DRAWN, mostCellsOf } from './clusters.ts'

/**
 * Has the terminal drop what does not fit into a row (DECAWM of ECMA-48's private modes), and wrap again. Terminals do
 * not agree on the width of every character, and what took one row more than we know of could not be removed.
 */
export const AUTOWRAP_OFF = '\u001b[?7l'
export const AUTOWRAP_ON = '\u001b[?7h'

/** What colours a text, as chalk does it (SGR of ECMA-48, section 8.3.117): takes no cell, and lasts across rows. */
const COLOURS = /(\u001b\[[\d;]*m)/

/**
 * Where a row ends. `cells`: where it is full. `words`: before a word that does not fit; a blank that does not is dropped.
 * `prose`: the same, and no row begins or ends with a blank.
 */
export type RowBreaks = 'cells' | 'words' | 'prose'

/** A cluster, or what colours those behind it. */
interface Part {
  readonly text: string
  readonly cells: number
}

const BLANK: Part = { text: ' ', cells: 1 }

/** What a tab is drawn as: its real width depends on the column, which only the terminal knows. */
export const DRAWN_TAB = '    '

/**
 * Breaks a line into rows of a terminal, in time in proportion to its length, whatever it consists of. No terminal in
 * use draws a row wider than its cells, and so breaks it once more, where it likes. Clusters stay whole but for those that
 * are wider than a row; a word is cut only where it is wider than a row; a tab becomes blanks.
 *
 * @param line colours are allowed; what comes from others must be printable()
 * @param columns cells of a row, at least 2
 * @returns at least one row
 */
export function rowsOfLine(line: string, columns: number, breaks: RowBreaks): string[] {
  const rows: string[] = []
  let row = ''
  let used = 0
  /** Where the blanks at the end of the row begin. */
  let solid = 0
  let word: Part[] = []
  let wordCells = 0

  function endRow(): void {
    rows.push(breaks === 'prose' ? row.slice(0, solid) : row)
    row = ''
    used = 0
    solid = 0
  }

  function put({ text, cells }: Part): void {
    if (used + cells > columns && used > 0) endRow()
    row += text
    used += cells
    if (text !== BLANK.text) solid = row.length
  }

  function putWord(): void {
    const end = used + wordCells
    // A word that is wider than a row begins in this one, unless it would be cut once more for that.
    if (end > columns && Math.ceil(end / columns) > Math.ceil(wordCells / columns)) endRow()
    for (const part of word) put(part)
    word = []
    wordCells = 0
  }

  function putBlank(): void {
    if (used >= columns) endRow()
    else if (used > 0 || breaks === 'words') put(BLANK)
  }

  for (const part of partsOf(line, columns)) {
    if (breaks === 'cells') put(part)
    else if (part.text !== BLANK.text) {
      word.push(part)
      wordCells += part.cells
    } else {
      putWord()
      putBlank()
    }
  }
  putWord()
  endRow()
  return rows
}

/** Breaks each line of a text into rows. */
export function rowsOf(text: string, columns: number, breaks: RowBreaks): string[] {
  return text.split('\n').flatMap(line => rowsOfLine(line, columns, breaks))
}

/** How many cells a line takes at most. */
export function widthOf(line: string): number {
  let cells = 0
  for (const part of partsOf(line)) cells += part.cells
  return cells
}

/** @param most cells of a part: a cluster that is wider comes in pieces */
function* partsOf(line: string, most = Infinity): Generator<Part, void, undefined> {
  for (const [index, text] of line.replaceAll('\t', DRAWN_TAB).split(COLOURS).entries()) {
    // What the expression captures stands between the texts.
    if (index % 2 === 1) yield { text, cells: 0 }
    else {
      for (const cluster of lettersOf(text)) {
        const cells = mostCellsOf(cluster)
        if (cells <= most) yield { text: cluster, cells }
        else for (const [piece] of cluster.matchAll(DRAWN)) yield { text: piece, cells: mostCellsOf(piece) }
      }
    }
  }
}

/** The clusters of a text, and each blank by itself, whatever marks stand beside it. */
function* lettersOf(text: string): Generator<string, void, undefined> {
  for (const cluster of clusters(text)) {
    if (cluster.length > 1 && cluster.includes(BLANK.text)) yield* cluster.split(/( )/).filter(part => part !== '')
    else yield cluster
  }
}

/** What colours a line, without the line. */
export function coloursIn(line: string): string {
  return line
    .split(COLOURS)
    .filter((_, index) => index % 2 === 1)
    .join('')
}
