import { ChatError } from '../errors.ts'

/** The longest line, in bytes of UTF-8 without its end: as much as one text message carries. */
export const MAX_LINE_BYTES = 16 * 1024

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** One line of the input, counted from 1: its text, or why it has none. */
export type InputLine =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly error: ChatError }

/**
 * Reads piped input as lines. A line ends with LF; a CR before it is dropped; a blank line counts, and so does a last
 * line without an end. A line that cannot be used is an item with a `bad-input` error, and the rest goes on.
 *
 * Nothing is read before it is asked for, no more than one line is kept, and time is linear in the bytes however they
 * are cut into chunks.
 *
 * @param source bytes, such as process.stdin without an encoding
 */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<InputLine, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  // One byte more, for a CR that may turn out to belong to the end of the line.
  const kept = new Uint8Array(MAX_LINE_BYTES + 1)
  let length = 0
  let number = 0

  function keep(bytes: Uint8Array): void {
    kept.set(bytes.subarray(0, kept.length - Math.min(length, kept.length)), Math.min(length, kept.length))
    length += bytes.length
  }

  function finish(ended: boolean): InputLine {
    const size = ended && kept[length - 1] === CARRIAGE_RETURN ? length - 1 : length
    number += 1
    length = 0
    if (size > MAX_LINE_BYTES) {
      return { number, error: new ChatError('bad-input', `line ${number} is longer than ${MAX_LINE_BYTES} bytes`) }
    }
    try {
      return { number, text: decoder.decode(kept.subarray(0, size)) }
    } catch (cause) {
      return { number, error: new ChatError('bad-input', `line ${number} is not valid UTF-8`, { cause }) }
    }
  }

  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      keep(chunk.subarray(start, end))
      start = end + 1
      yield finish(true)
    }
    keep(chunk.subarray(start))
  }
  if (length > 0) yield finish(false)
}
