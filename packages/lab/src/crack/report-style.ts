import { rowsOf } from '@p2p-secure-chat/core/terminal/rows'

/** Cells of the words in front of what is said. */
const LABEL_CELLS = 16

/** How the lines of a report look. */
export interface ReportStyle {
  readonly bold: (text: string) => string
  readonly cyan: (text: string) => string
  readonly dim: (text: string) => string
  readonly green: (text: string) => string
  readonly red: (text: string) => string
  readonly yellow: (text: string) => string
  /** Cells of a line. */
  readonly columns: number
}

/** A label and paragraphs beside it, each wrapped to the width. What comes from others must be printable(). */
export function labelled({ dim, columns }: ReportStyle, label: string, ...paragraphs: readonly string[]): string[] {
  const cells = Math.max(LABEL_CELLS, columns - LABEL_CELLS)
  const lines = paragraphs.flatMap(paragraph => rowsOf(paragraph, cells, 'prose'))
  return lines.map((line, i) => `  ${dim((i === 0 ? label : '').padEnd(LABEL_CELLS - 2))}${line}`)
}
