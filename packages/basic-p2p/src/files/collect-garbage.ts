import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of a file after which the young buffers that carried them are collected; it takes less than a millisecond. */
const COLLECT_YOUNG_AFTER = 2 ** 20

/** Bytes after which those are collected as well that were in use at two such moments; it takes about ten. */
const COLLECT_ALL_AFTER = 64 * 2 ** 20

type Collect = (options: { type: 'minor' | 'major' }) => void

let collect: Collect | null = null
let sinceYoung = 0
let sinceAll = 0

/**
 * Notes that bytes of a file have passed, and from time to time lets go of the buffers that carried them. V8 counts what
 * lies outside its heap late: without this, some 40 MiB of dead buffers wait for the next collection.
 */
export function noteCarried(bytes: number): void {
  sinceYoung += bytes
  sinceAll += bytes
  if (sinceYoung < COLLECT_YOUNG_AFTER) return
  collect ??= garbageCollector()
  sinceYoung = 0
  if (sinceAll < COLLECT_ALL_AFTER) return collect({ type: 'minor' })
  sinceAll = 0
  collect({ type: 'major' })
}

/** The collector is in reach of a context that is made while this flag is set. */
function garbageCollector(): Collect {
  setFlagsFromString('--expose-gc')
  const gc: Collect = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return gc
}
