import type { ChatError } from '@p2p-secure-chat/core/errors'
import { type InputLine, readLines } from '@p2p-secure-chat/core/terminal/lines'

/** Lines that may wait for their turn before reading pauses; each has at most 16 KiB. */
const LINES_AHEAD = 64

/** What becomes of the lines of a pipe. */
export interface PipeReading {
  /** What the first line waits for, and whether lines are wanted after it; by default nothing. */
  readonly after?: Promise<boolean>
  /** Whether a text is lost with a line that is not entered. */
  readonly carriesText: (line: string) => boolean
  /**
   * Whether a line that is read now must not wait for those before it.
   *
   * @param behindTexts whether a text before it has not been said yet
   */
  readonly isUrgent: (line: string, behindTexts: boolean) => boolean
  /**
   * Does what a line says.
   *
   * @param turn where the line does not wait for its turn: when that comes
   */
  readonly enter: (line: string, turn?: Promise<unknown>) => Promise<void>
  /** Told in its turn why a line has no text. */
  readonly onBadLine: (error: ChatError) => void
}

/** Does what the lines of a pipe say, one after the other. An urgent one starts at once; what stands behind it waits for it. */
export async function readPipe(input: AsyncIterable<Uint8Array>, reading: PipeReading): Promise<void> {
  const { after = Promise.resolve(true), carriesText, isUrgent, enter, onBadLine } = reading
  let turn = after
  let waiting = 0
  let texts = 0

  /** @returns whether lines are still wanted */
  async function runAfter(before: Promise<boolean>, line: InputLine): Promise<boolean> {
    if ('text' in line && isUrgent(line.text, texts > 0)) {
      const [wanted] = await Promise.all([before, enter(line.text, before)])
      return wanted
    }
    const isText = 'text' in line && carriesText(line.text)
    if (isText) texts += 1
    const wanted = await before
    if (wanted) await ('text' in line ? enter(line.text) : onBadLine(line.error))
    if (isText) texts -= 1
    return wanted
  }

  for await (const line of readLines(input)) {
    waiting += 1
    turn = runAfter(turn, line).finally(() => (waiting -= 1))
    if (waiting >= LINES_AHEAD) await turn
  }
  await turn
}
