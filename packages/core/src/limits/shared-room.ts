/** Bytes that may wait in this process for one side of a connection to take them, and for all connections together. */
export interface SharedRoom {
  /** What may wait to leave on one connection before send() makes its caller wait too. */
  readonly each: number
  /**
   * Notes how many bytes wait on one connection now. When there are too many on all together, the fullest is given up.
   *
   * @param giveUp ends the connection; the same function each time, for it is also what tells one from another
   */
  note(giveUp: () => void, bytes: number): void
}

/**
 * @param each bytes that may wait to leave on one connection
 * @param total bytes that may wait on all connections
 */
export function sharedRoom(each: number, total: number): SharedRoom {
  const waiting = new Map<() => void, number>()
  let sum = 0

  function set(giveUp: () => void, bytes: number): void {
    sum += bytes - (waiting.get(giveUp) ?? 0)
    if (bytes === 0) waiting.delete(giveUp)
    else waiting.set(giveUp, bytes)
  }

  function fullest(): (() => void) | undefined {
    let most = 0
    let found: (() => void) | undefined
    for (const [giveUp, bytes] of waiting) {
      if (bytes <= most) continue
      most = bytes
      found = giveUp
    }
    return found
  }

  return {
    each,
    note(giveUp, bytes) {
      set(giveUp, bytes)
      while (sum > total) {
        const found = fullest()
        if (found === undefined) return
        set(found, 0)
        found()
      }
    },
  }
}
