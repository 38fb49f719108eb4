/** How long a reader may go on, in milliseconds: nobody notices that a key is echoed that much later. */
const SLICE = 10

const settled = Promise.resolve()

/** Readers whose slice is over, in the order in which they came. */
const waiting: (() => void)[] = []

function serveNext(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(serveNext)
}

/**
 * Shares the event loop among the readers of what others send. Messages that have arrived already never make their reader
 * wait, so without this a peer that sends many would keep keys, timers and all other connections waiting.
 *
 * @returns what the reader awaits before it acts on a message. It settles at once within the reader's slice of time, else
 * in a later turn of the event loop, one reader a turn, first come, first served
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
