import type { ChatError } from '@p2p-secure-chat/core/errors'
import { type InputLine, readLines } from '@p2p-secure-chat/core/input/lines'
import type { LineKind } from '../commands/parse-line.ts'

/** Lines that may wait for their turn before reading pauses; each has at most 16 KiB. */
const LINES_AHEAD = 64

/** How to handle the lines of a pipe. */
export interface PipeReading {
  /** The first line waits for it, and it says whether lines are still wanted; by default nothing. */
  readonly after?: Promise<boolean>
  /**
   * Whether a line that is read now waits for those before it.
   *
   * @param behindTexts whether a text before it has not been said yet
   */
  readonly kindOf: (line: string, behindTexts: boolean) => LineKind
  /**
   * Does what a line says.
   *
   * @param turn settles when its turn comes, for a line that does not wait for it
   */
  readonly enter: (line: string, turn?: Promise<unknown>) => Promise<void>
  /** Called, in its turn, with the reason why a line is not text. */
  readonly onBadLine: (error: ChatError) => void
}

/**
 * Does what the lines of a pipe say, one after the other. An urgent line starts at once; those after it wait for it.
 */
export async function readPipe(input: AsyncIterable<Uint8Array>, reading: PipeReading): Promise<void> {
  const { after = Promise.resolve(true), kindOf, enter, onBadLine } = reading
  let turn = after
  let waiting = 0
  let texts = 0

  /** @returns whether lines are still wanted */
  async function runAfter(before: Promise<boolean>, line: InputLine): Promise<boolean> {
    if ('error' in line) {
      const wanted = await before
      if (wanted) onBadLine(line.error)
      return wanted
    }
    const kind = kindOf(line.text, texts > 0)
    if (kind === 'urgent') {
      const [wanted] = await Promise.all([before, enter(line.text, before)])
      return wanted
    }
    if (kind === 'text') texts += 1
    const wanted = await before
    if (wanted) await enter(line.text)
    if (kind === 'text') texts -= 1
    return wanted
  }

  for await (const line of readLines(input)) {
    waiting += 1
    turn = runAfter(turn, line).finally(() => (waiting -= 1))
    if (waiting >= LINES_AHEAD) await turn
  }
  await turn
}
