import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** Finds the processes of one run on Linux, however they came to be: by a variable that they inherit. */
export interface MarkedProcesses {
  /** For the environment of the first one. */
  readonly env: Readonly<Record<string, string>>
  /** How many there are now. */
  count(): number
}

export function markedProcesses(): MarkedProcesses {
  const mark = randomUUID()
  return {
    env: { P2PC_TEST_MARK: mark },
    count: () => readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && environmentOf(pid).includes(mark)).length,
  }
}

/** Empty for one that is gone, or has ended and is not collected yet. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}

/** Waits for the end of its input, then kills all processes that have `$1` in their environment, and those they started since. */
const REAPER = `
marked() {
  if [ -d /proc/self ]; then grep -lsF -- "$1" /proc/[0-9]*/environ | cut -d/ -f3
  else ps axeww -o pid=,command= | grep -F -- "$1" | grep -v reaper | awk '{ print $1 }'
  fi
}
cat >/dev/null
for round in 1 2 3 4 5 6 7 8 9 10; do
  pids=$(marked "$1")
  [ -n "$pids" ] || exit 0
  kill -9 $pids
  sleep 0.1
done`

/**
 * Marks the environment of all programs that this process starts from now on, and sees to it that none of them outlives
 * it, however it ends: a process of its own holds the other end of a pipe, which closes with us even after SIGKILL.
 *
 * @param variable the name of the mark; those that carry another mark as well have several who look after them
 */
export function endChildrenWithUs(variable: string): void {
  // Once is enough, also where one process runs the tests of many files.
  if (process.env[variable]?.startsWith(`${process.pid}-`)) return
  const mark = `${process.pid}-${randomUUID()}`
  process.env[variable] = mark
  // In a group of its own, which Ctrl-C does not reach, and without marks.
  const reaper = spawn('sh', ['-c', REAPER, 'reaper', mark], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env['PATH'] },
  })
  // Where there is no shell, as on Windows, programs end with their tests alone.
  reaper.on('error', () => undefined)
  reaper.unref()
  Object(reaper.stdin).unref()
}
