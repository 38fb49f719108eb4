import { readFile } from 'node:fs/promises'

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
