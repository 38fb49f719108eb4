// oxlint-disable no-control-regex -- what a terminal obeys are control sequences
/** A control sequence (ECMA-48, section 5.4), a control character, or one code point. */
const PIECE = /\u001b\[(?<order>[\x20-\x3f]*[\x40-\x7e])|[^]/gu

const NO_CELL = /^[\p{Mn}\p{Me}\p{Cf}]/u
const TWO_CELLS = /^\p{EPres}/u

/** What switches the wrapping at the edge off and on (DECAWM), and what begins the row again. */
const WRAP_OFF = '?7l'
const WRAP_ON = '?7h'
const TO_START = '1G'

/**
 * The rows that a terminal shows of what a program printed, if it draws each code point by itself, as many do: whoever
 * counts a family of emoji as one picture counts less.
 *
 * @param printed lines; of what moves the cursor, only what moves it to the beginning of the row is heeded
 * @param columns cells of a row
 */
export function drawnRows(printed: string, columns: number): string[] {
  const rows: string[] = []
  let row = ''
  let used = 0
  let wraps = true

  function begin(): void {
    row = ''
    used = 0
  }

  function end(): void {
    rows.push(row)
    begin()
  }

  for (const { 0: piece, groups } of printed.matchAll(PIECE)) {
    const order = groups?.['order']
    if (order === WRAP_OFF) wraps = false
    else if (order === WRAP_ON) wraps = true
    else if (order === TO_START || piece === '\r') begin()
    else if (piece === '\n') end()
    else if (order === undefined) {
      const cells = NO_CELL.test(piece) ? 0 : TWO_CELLS.test(piece) ? 2 : 1
      if (used + cells > columns && wraps) end()
      // Without wrapping, what does not fit is not shown.
      if (used + cells <= columns) row += piece
      used += cells
    }
  }
  return [...rows, row]
}
