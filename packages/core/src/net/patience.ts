import type { Clock } from '../wire/keepalive.ts'

/** The most of a wait that passes while the process does not run, in milliseconds. */
const SLICE = 1_000

/** A wait for the other side. */
export interface Patience {
  /** Starts it, in place of the previous one. @param onOver called after that many milliseconds */
  begin(milliseconds: number, onOver: () => void): void
  end(): void
}

/**
 * Counts the time in which the process runs, and lets it read what has arrived before the wait is over. One that was
 * stopped, or whose machine was suspended, finds all its timers over when it goes on, before it has read what the other
 * side said meanwhile.
 */
export function patience(): Patience {
  /** Null while nothing is waited for. */
  let timer: NodeJS.Timeout | null = null
  let last: NodeJS.Immediate | undefined
  let slice = 0
  let rest = 0
  let over = () => {}

  function begin(milliseconds: number, onOver: () => void): void {
    clearImmediate(last)
    over = onOver
    const first = Math.min(milliseconds, SLICE)
    rest = milliseconds - first
    // A timer that goes on costs far less than another one.
    if (timer !== null && first === slice) return void timer.refresh()
    end()
    slice = first
    timer = setTimeout(pass, slice)
  }

  function pass(): void {
    if (rest > 0) return begin(rest, over)
    timer = null
    last = setImmediate(over)
  }

  function end(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    clearImmediate(last)
  }

  return { begin, end }
}

/** The time of this machine; its timers do not keep the process alive by themselves. */
export const clock: Clock = {
  now: () => performance.now(),
  after(milliseconds, act) {
    const timer = setTimeout(act, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}
