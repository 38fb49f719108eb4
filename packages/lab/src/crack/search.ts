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
