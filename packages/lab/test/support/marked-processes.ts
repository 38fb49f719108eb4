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
