/** A set of names in byte order, with pages cut by binary search. */
export interface SortedNames {
  add(name: string): void
  remove(name: string): void
  /** At most `limit` names that start with `prefix` and come after `after`, and whether there are more. */
  page(prefix: string, after: string, limit: number): { names: string[]; more: boolean }
}

/** Names are ASCII, so comparing UTF-16 units compares bytes. */
export function sortedNames(): SortedNames {
  const sorted: string[] = []

  /** The index of the first name that is not below `name`. */
  function lowerBound(name: string): number {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sorted[middle] ?? '') < name) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    add(name) {
      const at = lowerBound(name)
      if (sorted[at] !== name) sorted.splice(at, 0, name)
    },
    remove(name) {
      const at = lowerBound(name)
      if (sorted[at] === name) sorted.splice(at, 1)
    },
    page(prefix, after, limit) {
      let start = lowerBound(prefix)
      if (after >= prefix) {
        start = lowerBound(after)
        if (sorted[start] === after) start += 1
      }
      const names: string[] = []
      for (let i = start; i < sorted.length && sorted[i]?.startsWith(prefix); i++) {
        if (names.length === limit) return { names, more: true }
        names.push(sorted[i] ?? '')
      }
      return { names, more: false }
    },
  }
}
