import type { RandomSource } from '@p2p-secure-chat/core/cipher/random-pool'
import type { Connection } from '@p2p-secure-chat/dissector/capture/stream-event'
import type { CrackEvent } from './crack-event.ts'

/** What every search takes. */
export interface SearchOptions {
  /** Ends it; the search then throws the signal's reason within a turn. */
  readonly signal?: AbortSignal
  /** Told now and then how many steps are done. */
  readonly onProgress?: (steps: number) => void
}

/**
 * Steps between two turns of the event loop: some milliseconds of multiplications. A search that never let go of the
 * processor would hear of no Ctrl-C and no deadline.
 */
export const STEPS_PER_TURN = 2 ** 15

/** Reports, and lets everything else have its turn. @throws the signal's reason after an abort */
export async function turn(steps: number, { signal, onProgress }: SearchOptions): Promise<void> {
  onProgress?.(steps)
  await new Promise(resolve => setImmediate(resolve))
  signal?.throwIfAborted()
}

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
 * @param expected steps that it takes on average; null if unknown
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

/** The time that all searches have together. */
export interface SearchTime {
  /** Begins it, if it has not begun. */
  begin(): void
  /** Aborts when it is up. */
  readonly signal: AbortSignal
  /** Nobody waits for it any more. */
  end(): void
}

/** Time that begins with the first search: reading a large capture takes none of it. */
export function searchTime(milliseconds: number): SearchTime {
  const up = new AbortController()
  let timer: NodeJS.Timeout | undefined
  return {
    signal: up.signal,
    begin() {
      timer ??= setTimeout(() => up.abort(), milliseconds)
    },
    end: () => clearTimeout(timer),
  }
}
