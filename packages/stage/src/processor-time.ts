import { readFile } from 'node:fs/promises'

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
