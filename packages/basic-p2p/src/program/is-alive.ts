import { systemCode } from '@p2p-secure-chat/core/files/file-error'

/** Whether a process of that number runs on this machine, whoever owns it; false for what is no such number. */
export function isAlive(pid: number): boolean {
  // For kill(2), zero and less mean groups of processes.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}
