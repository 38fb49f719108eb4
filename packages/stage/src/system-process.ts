import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'

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

/**
 * The most memory that a process has had so far, in bytes; null where the system does not tell (it does on Linux, in
 * proc(5)), or there is no such process.
 */
export async function peakMemory(pid: number | undefined): Promise<number | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? []
    return kibibytes === undefined ? null : Number(kibibytes) * 1_024
  } catch {
    return null
  }
}

/** Milliseconds in a tick of the clock by which Linux counts processor time. */
const TICK = 10

/**
 * The processor time that a process has used so far, in milliseconds, as Linux reports it (proc(5)). On other systems this
 * is the time of a clock, so that the difference of two calls is an upper bound.
 *
 * @throws {Error} when there is no such process
 */
export async function processorTime(pid: number | undefined): Promise<number> {
  if (process.platform !== 'linux') return performance.now()
  // The name of the program comes before, in parentheses, and may have blanks.
  const [, fields = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')
  const [user, system] = fields.split(' ').slice(11, 13)
  return TICK * (Number(user) + Number(system))
}
