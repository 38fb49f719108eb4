/** Cells of a line where the output is no terminal, and the least and most that are used of one: long lines are hard to read. */
const WIDTH = { unknown: 100, least: 40, most: 110 }

/** How wide running text is. @param columns of the terminal; undefined: there is none */
export function textWidth(columns: number | undefined): number {
  return Math.min(WIDTH.most, Math.max(WIDTH.least, columns ?? WIDTH.unknown))
}
