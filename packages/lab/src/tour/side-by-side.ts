import { rowsOfLine, widthOf } from '@p2p-secure-chat/core/terminal/rows'

const GAP = ' │ '

/** Narrower columns would show one word a line. */
const LEAST_CELLS = 12

/** One column of text under a heading. */
export interface Column {
  readonly heading: string
  readonly lines: readonly string[]
  /** How wide the column is compared with the others. */
  readonly share: number
}

/**
 * Sets columns side by side, each line wrapped to its column; wide characters and emoji count two cells.
 *
 * @param width cells of the terminal
 */
export function sideBySide(columns: readonly Column[], width: number): string {
  const shares = columns.reduce((sum, { share }) => sum + share, 0)
  const room = width - GAP.length * (columns.length - 1)
  const set = columns.map(({ heading, lines, share }) => {
    const cells = Math.max(LEAST_CELLS, Math.floor((room * share) / shares))
    const wrapped = lines.flatMap(line => rowsOfLine(line, cells, 'words'))
    return { cells, lines: [heading, '─'.repeat(cells), ...wrapped] }
  })
  const height = Math.max(...set.map(({ lines }) => lines.length))
  const row = (i: number) => set.map(({ cells, lines }) => padded(lines[i] ?? '', cells)).join(GAP)
  return Array.from({ length: height }, (_, i) => row(i).trimEnd()).join('\n')
}

function padded(line: string, cells: number): string {
  return line + ' '.repeat(Math.max(0, cells - widthOf(line)))
}
