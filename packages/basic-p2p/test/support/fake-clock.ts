import { setImmediate as nextTurn } from 'node:timers/promises'
import { onTestFinished, vi } from 'vitest'

/**
 * Stops all timers and performance.now() for the test, which then lets time pass itself; sockets go on as ever.
 *
 * @returns lets milliseconds pass
 */
export function fakeClock(): (milliseconds: number) => Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  return async milliseconds => {
    await vi.advanceTimersByTimeAsync(milliseconds)
    // A wait that is over says so in the next turn.
    await nextTurn()
  }
}
