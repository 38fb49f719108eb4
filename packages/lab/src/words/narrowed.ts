import { wrapLines } from '@p2p-secure-chat/core/terminal/wrap-lines'

/**
 * Lines that were laid out for so many cells, fit for a terminal that has fewer: there they are broken once more, for where
 * a terminal breaks them itself, a row begins with whatever others have said.
 *
 * @param columns of the terminal; undefined: there is none
 */
export function narrowed(lines: string, width: number, columns: number | undefined): string {
  return columns !== undefined && columns < width ? wrapLines(lines, columns) : lines
}
