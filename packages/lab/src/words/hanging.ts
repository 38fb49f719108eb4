import { rowsOf, widthOf } from '@p2p-secure-chat/core/terminal/rows'

/** Cells of a line of text at least, however little room there is. */
const LEAST_ROOM = 20

/** A text in lines of so many cells, each behind the same indentation but the first, which has a mark there. */
export function hanging(mark: string, text: string, indent: number, width: number): string[] {
  const room = Math.max(LEAST_ROOM, width - indent - widthOf(mark))
  const lines = rowsOf(text, room, 'prose')
  const spaces = ' '.repeat(indent)
  return lines.map((line, i) => spaces + (i === 0 ? mark : ' '.repeat(widthOf(mark))) + line)
}
