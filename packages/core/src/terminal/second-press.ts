/** How soon the second press has to come, in milliseconds. */
const WINDOW = 2_000

/** A key that does what it is for only at its second press, soon after the first. */
export interface SecondPress {
  /** Takes note of a press. @returns whether it is the second one */
  press(): boolean
  /** Makes the next press a first one. */
  forget(): void
}

/** @param now any monotonic clock, in milliseconds */
export function secondPress(now: () => number = () => performance.now()): SecondPress {
  let first = -Infinity
  return {
    press() {
      const isSecond = now() - first <= WINDOW
      first = isSecond ? -Infinity : now()
      return isSecond
    },
    forget() {
      first = -Infinity
    },
  }
}
