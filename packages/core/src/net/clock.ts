import type { Clock } from '../wire/keepalive.ts'

/** The time of this machine; its timers do not keep the process alive by themselves. */
export const clock: Clock = {
  now: () => performance.now(),
  after(milliseconds, act) {
    const timer = setTimeout(act, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}
