import type { RandomSource } from '@p2p-secure-chat/core/dh/integers'
import type { Connection } from '@p2p-secure-chat/dissector/capture/stream-event'
import type { CrackEvent } from './crack-event.ts'
import type { SearchOptions } from './search.ts'

/** What every attack works with. */
export interface Tools {
  readonly random: RandomSource
  /** Ends a search. */
  readonly signal: AbortSignal
  /** Any monotonic clock in milliseconds. */
  readonly now: () => number
  readonly tell: (event: CrackEvent) => void
}

/**
 * Runs one search, tells how far it is, and gives it up when the signal says so.
 *
 * @param expected steps that it takes on average; null where nobody can tell
 * @returns null when it was given up
 */
export async function runSearch<T>(
  connection: Connection,
  expected: number | null,
  { signal, now, tell }: Tools,
  search: (options: SearchOptions) => Promise<T>,
): Promise<{ readonly found: T; readonly seconds: number } | null> {
  const start = now()
  const seconds = () => (now() - start) / 1000
  let done = 0
  try {
    signal.throwIfAborted()
    const found = await search({
      signal,
      onProgress(steps) {
        done = steps
        tell({ event: 'progress', connection, steps, seconds: seconds() })
      },
    })
    return { found, seconds: seconds() }
  } catch (error) {
    if (!signal.aborted) throw error
    tell({ event: 'gave-up', connection, expected, steps: done, seconds: seconds() })
    return null
  }
}
