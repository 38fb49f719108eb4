import type { ChildProcess } from 'node:child_process'

/** Whether it has begun, and has not ended. */
export function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null
}

/**
 * Waits for the end of a process and of its output. Call it in the turn in which the process was started: without a
 * listener, one that the system cannot start ends this program.
 *
 * @returns why it could not be started; null for one that ran. Never rejects
 */
export function endOf(child: ChildProcess): Promise<Error | null> {
  return new Promise(resolve => {
    child.on('error', error => {
      if (child.pid === undefined) resolve(error)
    })
    child.once('close', () => resolve(null))
  })
}
