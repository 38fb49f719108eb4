/** So much at most of a wait passes while the process does not run, in milliseconds. */
const SLICE = 1_000

/** A wait for the other side. */
export interface Patience {
  /** Begins it, in place of the one that there was. @param onOver called after so many milliseconds */
  begin(milliseconds: number, onOver: () => void): void
  end(): void
}

/**
 * Counts the time in which the process runs, and lets it read what has arrived before the wait is over. One that was
 * stopped, or whose machine was suspended, finds all its timers over when it goes on, before it has read what the other
 * side said meanwhile.
 */
export function patience(): Patience {
  let timer: NodeJS.Timeout | undefined
  let last: NodeJS.Immediate | undefined

  function begin(milliseconds: number, onOver: () => void): void {
    end()
    const slice = Math.min(milliseconds, SLICE)
    const rest = milliseconds - slice
    timer = setTimeout(() => {
      if (rest > 0) begin(rest, onOver)
      else last = setImmediate(onOver)
    }, slice)
  }

  function end(): void {
    clearTimeout(timer)
    clearImmediate(last)
  }

  return { begin, end }
}
