/** Wakes the code that waits for a change; any number of callers may wait at once. */
export interface Bell {
  /** Lets all who wait look again, in this turn, in the order in which they came. */
  ring(): void
  /**
   * Looks now, and again at each ring, until there is something.
   *
   * @param look finds it, undefined if it is not there yet; what it throws ends the waiting
   */
  until<T>(look: () => T | undefined): Promise<T>
}

export function bell(): Bell {
  const waiting = new Set<() => void>()

  return {
    ring() {
      waiting.forEach(attempt => attempt())
    },
    until<T>(look: () => T | undefined): Promise<T> {
      return new Promise((resolve, reject) => {
        function attempt(): void {
          try {
            const found = look()
            if (found === undefined) return void waiting.add(attempt)
            resolve(found)
          } catch (error) {
            reject(error)
          }
          waiting.delete(attempt)
        }
        attempt()
      })
    },
  }
}
