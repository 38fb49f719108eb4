import type { Every } from '../wire/keepalive.ts'

/** A repeating timer that does not keep the process alive by itself. */
export const every: Every = (milliseconds, tick) => {
  const timer = setInterval(tick, milliseconds).unref()
  return () => clearInterval(timer)
}
