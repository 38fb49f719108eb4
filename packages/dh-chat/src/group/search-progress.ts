import type { SafePrimeProgress } from '@p2p-secure-chat/core/dh/safe-prime'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { isPlain } from '@p2p-secure-chat/core/terminal/is-plain'
import type { ProgressStream } from '@p2p-secure-chat/core/terminal/progress-line'

/** Characters between the brackets of the bar. */
const BAR_WIDTH = 24

/** Milliseconds between two redraws on a terminal: smooth to the eye, idle for the processor. */
const REDRAW_INTERVAL = 100

/** Milliseconds between two lines in a log. */
const LOG_INTERVAL = 10_000

const ERASE_LINE = '\r\u001b[K'

export interface SearchProgress {
  show(progress: SafePrimeProgress): void
  /** Removes the bar from the screen. */
  clear(): void
}

/**
 * How full the bar is, from 0 to 1: the probability that a search of this length has succeeded. A search has no memory,
 * so a bar filled by `tried / expected` would be full, with no result, in every third search.
 */
export function filled({ tried, expected }: SafePrimeProgress): number {
  return 1 - Math.exp(-tried / expected)
}

/**
 * Shows a search on a terminal as one line that is redrawn; elsewhere, and with --plain, as an occasional new line.
 *
 * @param now any monotonic clock in milliseconds
 */
export function searchProgress(
  stream: ProgressStream,
  now: () => number = () => performance.now(),
  plain = isPlain(),
): SearchProgress {
  const { cyan } = colourFor(stream)
  const draws = stream.isTTY === true && !plain
  const interval = draws ? REDRAW_INTERVAL : LOG_INTERVAL
  let next = -Infinity
  let drawn = false

  function line(progress: SafePrimeProgress): string {
    const [tried, expected] = [progress.tried, progress.expected].map(count => count.toLocaleString('en-US'))
    const text = `candidates: ${tried} tried, about ${expected} expected`
    if (!draws) return `${text}\n`
    const width = (stream.columns ?? 80) - 1
    const marks = Math.round(filled(progress) * BAR_WIDTH)
    const bar = `[${cyan('#'.repeat(marks))}${'-'.repeat(BAR_WIDTH - marks)}] `
    return ERASE_LINE + (BAR_WIDTH + 3 + text.length <= width ? bar + text : text.slice(0, width))
  }

  return {
    show(progress) {
      if (now() < next) return
      next = now() + interval
      drawn = true
      stream.write(line(progress))
    },
    clear() {
      if (drawn && draws) stream.write(ERASE_LINE)
    },
  }
}
