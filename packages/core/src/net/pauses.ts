import { randomInt } from 'node:crypto'

/** The shortest and the longest pause, in milliseconds. */
export interface PauseRange {
  readonly shortest: number
  readonly longest: number
}

/** How much longer than the one before a pause may be. */
const GROWTH = 3

/** Pauses between attempts that keep failing. */
export interface Pauses {
  /** The next pause, in milliseconds. */
  next(): number
  /** Starts over with short pauses. */
  reset(): void
}

/**
 * Pauses of random length, from the shortest to three times the one before: they grow, and thousands
 * that were turned away in the same moment do not come back in the same moment.
 *
 * @param range their lengths; the first one has the shortest or up to three times that
 * @param random a whole number from `low` up to, not including, `high`
 */
export function pauses(
  { shortest, longest }: PauseRange,
  random: (low: number, high: number) => number = randomInt,
): Pauses {
  let last = shortest
  return {
    next() {
      last = random(shortest, Math.min(longest, GROWTH * last) + 1)
      return last
    },
    reset() {
      last = shortest
    },
  }
}
