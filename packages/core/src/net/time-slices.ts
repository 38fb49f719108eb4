/** For how long a reader may go on, in milliseconds: a key that waits that long is still echoed at once. */
const SLICE = 10

const settled = Promise.resolve()

/** Readers whose slice is over, the first to wait first. */
const waiting: (() => void)[] = []

function serveNext(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(serveNext)
}

/**
 * Shares the process among those who read what others send. A reader never has to wait for messages that are here
 * already, so that one peer with many of them would keep keys, timers and all other connections waiting.
 *
 * @returns to be awaited before each message: settles at once within a slice of time; after that in a later turn of the
 * event loop, when those had their slice who waited before
 */
export function timeSlices(): () => Promise<void> {
  let end = performance.now() + SLICE
  return () => {
    if (performance.now() < end) return settled
    return new Promise(resolve => {
      waiting.push(() => {
        end = performance.now() + SLICE
        resolve()
      })
      if (waiting.length === 1) setImmediate(serveNext)
    })
  }
}
