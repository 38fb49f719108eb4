import { withDeadline } from '../net/deadline.ts'

/** By custom 128 and the number of the signal. */
export const EXIT_CODES = [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const

/** How long a signal waits for the work that comes first, in milliseconds: a disk may hang, and the sender wants an end. */
const SETTLE_DEADLINE = 1_900

/** Ends the process once its output is written, whatever is still open. Never resolves. */
export function leave(exitCode: number): Promise<never> {
  return new Promise(() => process.stdout.write('', () => process.exit(exitCode)))
}

/**
 * Lets a signal end the process cleanly, after the work that belongs to its end.
 *
 * @param settle the work that comes first, for 1.9 seconds at most; a second signal does not wait for it
 */
export function leaveOnSignals(settle?: () => Promise<void>): void {
  let leaving = false
  for (const [signal, exitCode] of EXIT_CODES) {
    process.on(signal, () => {
      if (leaving || settle === undefined) process.exit(exitCode)
      leaving = true
      const settled = withDeadline(settle(), SETTLE_DEADLINE, 'the end')
      void settled.catch(() => undefined).finally(() => process.exit(exitCode))
    })
  }
}
