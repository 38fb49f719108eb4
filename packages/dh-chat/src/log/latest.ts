/** The last few of many things. */
export interface Latest<T> {
  add(thing: T): void
  /** In the order in which they came. */
  all(): readonly T[]
}

/** @param count how many to keep, at least 1 */
export function latest<T>(count: number): Latest<T> {
  let kept: T[] = []
  return {
    add(thing) {
      kept.push(thing)
      // Not one by one: taking away the first of an array moves all others.
      if (kept.length >= 2 * count) kept = kept.slice(-count)
    },
    all: () => kept.slice(-count),
  }
}
