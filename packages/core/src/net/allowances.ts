/** How often something may happen: `burst` times at once, and once more for each interval. */
export interface Rate {
  readonly burst: number
  /** In milliseconds. */
  readonly interval: number
}

/** Decides whether one of many may do something now. */
export interface Allowances {
  /** Whether it may; if so, it has used one up. A clock that steps back earns nothing. */
  take(key: string): boolean
}

/** Keys that are remembered: more than any honest crowd, and half a megabyte at most. */
const KEY_LIMIT = 4_096

/**
 * A token bucket for each key. Of a bucket only the moment is kept in which it is full again. Where there are too many
 * keys, the one that was used least lately is forgotten, and so has a full bucket.
 *
 * @param now the time in milliseconds, of any monotonic clock
 */
export function allowances({ burst, interval }: Rate, now: () => number = () => performance.now()): Allowances {
  const fullAt = new Map<string, number>()

  function forgetOne(): void {
    const [oldest] = fullAt.keys()
    if (oldest !== undefined) fullAt.delete(oldest)
  }

  return {
    take(key) {
      // Sums of whole numbers are exact.
      const time = Math.floor(now())
      const full = Math.max(time, fullAt.get(key) ?? time) + interval
      if (full - time > burst * interval) return false
      // Put in anew, it is the last in the map's order.
      fullAt.delete(key)
      if (fullAt.size >= KEY_LIMIT) forgetOne()
      fullAt.set(key, full)
      return true
    },
  }
}
