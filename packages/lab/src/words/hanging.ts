import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

/** Cells of a line of text at least, however little room there is. */
const LEAST_ROOM = 20

/** A text in lines of so many cells, each behind the same indentation but the first, which has a mark there. */
export function hanging(mark: string, text: string, indent: number, width: number): string[] {
  const room = Math.max(LEAST_ROOM, width - indent - stringWidth(mark))
  const lines = wrapAnsi(text, room, { hard: true, trim: true }).split('\n')
  const spaces = ' '.repeat(indent)
  return lines.map((line, i) => spaces + (i === 0 ? mark : ' '.repeat(stringWidth(mark))) + line)
}
