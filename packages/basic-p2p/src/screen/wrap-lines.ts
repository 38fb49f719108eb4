import { rowsOfLine } from '@p2p-secure-chat/core/terminal/rows'

const INDENT = '  '

/** On a terminal narrower than that, rows break anyhow. */
const LEAST_CELLS = 10

/**
 * Breaks lines at the width of a terminal, at a word where there is one, and indents what goes on in the next row: a
 * text must not fill a row with blanks and begin the next one in another speaker's name.
 *
 * @param text lines, possibly coloured
 * @param columns cells of the terminal
 */
export function wrapLines(text: string, columns: number): string {
  const cells = Math.max(LEAST_CELLS, columns - INDENT.length)
  return text
    .split('\n')
    .map(line => rowsOfLine(line, cells, 'words').join(`\n${INDENT}`))
    .join('\n')
}
