import { randomInt } from 'node:crypto'
import { ChatError, rethrowUnless } from '../errors.ts'

/** How long somebody who is turned away tries again, in milliseconds, where nobody said how long. */
export const FULL_PATIENCE = 10_000

/** Between two tries: those who hold a place and do nothing with it lose it within seconds. */
const PAUSES: PauseRange = { shortest: 100, longest: 600 }

export interface WhileFullOptions {
  /** How long to try again, in milliseconds; 0 not to. */
  readonly patience?: number | undefined
  /** Called once, before the first retry. */
  readonly onFull: (error: ChatError) => void
}

/**
 * Tries something until the other side has a place: `too-many` means that it had none at that moment.
 *
 * @param attempt called with whether this is a retry
 * @throws {ChatError} what `attempt` throws; `too-many` when there is no patience left
 */
export async function retryWhileFull<T>(
  attempt: (again: boolean) => Promise<T>,
  { patience = FULL_PATIENCE, onFull }: WhileFullOptions,
): Promise<T> {
  let end: number | null = null
  const pause = pauses(PAUSES)
  for (let again = false; ; again = true) {
    try {
      return await attempt(again)
    } catch (error) {
      rethrowUnless(error, 'too-many')
      end ??= performance.now() + patience
      const left = end - performance.now()
      if (left <= 0) throw error
      if (!again) onFull(error)
      const milliseconds = Math.min(pause.next(), left)
      await new Promise(resolve => setTimeout(resolve, milliseconds))
    }
  }
}

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
