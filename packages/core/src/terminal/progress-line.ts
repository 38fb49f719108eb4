import { isPlain } from './is-plain.ts'

const ERASE_LINE = '\r\u001b[K'

/** The part of an output stream that decides: only on a terminal there is a line that can be written over. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** The last line of a terminal while something takes long: written over again and again, and gone afterwards. */
export interface ProgressLine {
  /** How many characters fit. */
  readonly room: number
  /** What does not fit is cut off. @param text printable, and one cell for each character */
  show(text: string): void
  /** Takes the line away, if it is there: before anything else is printed, and at the end. */
  clear(): void
}

/** Where the stream is not a terminal, or one that takes text alone, nothing is ever written. */
export function progressLine(stream: ProgressStream, plain = isPlain()): ProgressLine {
  let shown = false
  // The rest is for a ^C, which the terminal writes there: on the next line it could not be erased.
  const room = () => (stream.columns ?? 80) - 3
  return {
    get room() {
      return room()
    },
    show(text) {
      if (stream.isTTY !== true || plain) return
      shown = true
      stream.write(ERASE_LINE + text.slice(0, room()))
    },
    clear() {
      if (shown) stream.write(ERASE_LINE)
      shown = false
    },
  }
}
