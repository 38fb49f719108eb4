/** A map that remembers the latest entries alone: what is set beyond the limit pushes out what was set longest ago. */
export interface BoundedMap<K, V> {
  get(key: K): V | undefined
  /** A key that is set again counts as new. */
  set(key: K, value: V): void
  delete(key: K): void
  /** From what was set longest ago to the latest. */
  values(): Iterable<V>
  readonly size: number
}

/** @param limit most entries, at least 1 */
export function boundedMap<K, V>(limit: number): BoundedMap<K, V> {
  const entries = new Map<K, V>()
  return {
    get: key => entries.get(key),
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      for (const oldest of entries.keys()) {
        if (entries.size <= limit) break
        entries.delete(oldest)
      }
    },
    delete: key => void entries.delete(key),
    values: () => entries.values(),
    get size() {
      return entries.size
    },
  }
}
