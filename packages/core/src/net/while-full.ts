import { ChatError, rethrowUnless } from '../errors.ts'
import { type PauseRange, pauses } from './pauses.ts'

/** How long somebody who is turned away tries again, in milliseconds, where nobody said how long. */
export const FULL_PATIENCE = 10_000

/** Between two tries: those who hold a place and do nothing with it lose it within seconds. */
const PAUSES: PauseRange = { shortest: 100, longest: 600 }

export interface WhileFullOptions {
  /** How long to try again, in milliseconds; 0 not to. */
  readonly patience?: number | undefined
  /** Told once that it is tried again. */
  readonly onFull: (error: ChatError) => void
}

/**
 * Tries something until the other side has a place: `too-many` means that it had none at that moment.
 *
 * @param attempt told whether it was tried before
 * @throws {ChatError} what `attempt` throws; `too-many` when there is no patience left
 */
export async function whileFull<T>(
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
