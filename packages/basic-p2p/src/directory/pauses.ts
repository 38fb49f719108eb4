import { randomInt } from 'node:crypto'

/** The shortest pause, in milliseconds: a server that was only started anew is back by then. */
export const SHORTEST_PAUSE = 500

/** The longest pause, in milliseconds: so late a person may notice that the directory is there again. */
export const LONGEST_PAUSE = 15_000

/** How much longer than the one before a pause may be. */
const GROWTH = 3

/** Pauses between attempts that keep failing. */
export interface Pauses {
  /** The next pause, in milliseconds. */
  next(): number
  /** Begins anew with short ones. */
  reset(): void
}

/**
 * Pauses of random length, from the shortest to three times the one before: they grow, and thousands of clients that
 * lost their directory in the same moment do not come back in the same moment.
 *
 * @param random a whole number from `low` up to, not including, `high`
 */
export function pauses(random: (low: number, high: number) => number = randomInt): Pauses {
  let last = SHORTEST_PAUSE
  return {
    next() {
      last = random(SHORTEST_PAUSE, Math.min(LONGEST_PAUSE, GROWTH * last) + 1)
      return last
    },
    reset() {
      last = SHORTEST_PAUSE
    },
  }
}
