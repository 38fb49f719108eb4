import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of a file after which the buffers that carried them are collected. */
const COLLECT_AFTER = 2 * 2 ** 20

type Collect = (options: { type: 'minor' }) => void

let collect: Collect | null = null
let carried = 0

/**
 * Notes that bytes of a file have passed, and from time to time lets go of the buffers that carried them. V8 counts what
 * lies outside its heap late: without this, 32 MiB of dead buffers and more wait for the next collection. One of the
 * young generation alone takes less than a millisecond.
 */
export function noteCarried(bytes: number): void {
  carried += bytes
  if (carried < COLLECT_AFTER) return
  carried = 0
  collect ??= garbageCollector()
  collect({ type: 'minor' })
}

/** The collector is in reach of a context that is made while this flag is set. */
function garbageCollector(): Collect {
  setFlagsFromString('--expose-gc')
  const gc: Collect = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return gc
}
