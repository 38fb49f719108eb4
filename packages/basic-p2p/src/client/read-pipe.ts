import type { ChatError } from '@p2p-secure-chat/core/errors'
import { type InputLine, readLines } from '@p2p-secure-chat/core/terminal/lines'

/** Lines that may wait for their turn before reading pauses; each has at most 16 KiB. */
const LINES_AHEAD = 64

/** The answer to a call that rings now must not wait until somebody else has answered ours. */
const ANSWER = /^\/(?:accept|decline)(?:\s|$)/i

/**
 * Does what the lines of a pipe say, one after the other. Only `/accept` and `/decline` start at once; what stands
 * behind them waits for them.
 *
 * @param enter does what a line says
 * @param onBadLine told why a line has no text
 */
export async function readPipe(
  input: AsyncIterable<Uint8Array>,
  enter: (line: string) => Promise<void>,
  onBadLine: (error: ChatError) => void,
): Promise<void> {
  let turn = Promise.resolve()
  let waiting = 0

  async function runAfter(before: Promise<void>, line: InputLine): Promise<void> {
    if ('text' in line && ANSWER.test(line.text)) {
      await Promise.all([before, enter(line.text)])
    } else {
      await before
      if ('text' in line) await enter(line.text)
      else onBadLine(line.error)
    }
    waiting -= 1
  }

  for await (const line of readLines(input)) {
    waiting += 1
    turn = runAfter(turn, line)
    if (waiting >= LINES_AHEAD) await turn
  }
  await turn
}
