import { peakMemory } from '@p2p-secure-chat/stage/system-process'

/** How often to look, in milliseconds: meanwhile a process that is in a hurry takes some hundred MiB more. */
const INTERVAL = 50

/**
 * Looks after the memory of a process, where the system tells (see peakMemory).
 *
 * @param limit in bytes
 * @param exceeded is called when it has taken more than that; maybe more than once
 * @returns ends the watch
 */
export function watchMemory(pid: number | undefined, limit: number, exceeded: () => void): () => void {
  async function look(): Promise<void> {
    const peak = await peakMemory(pid)
    if (peak !== null && peak > limit) exceeded()
  }

  const timer = setInterval(() => void look(), INTERVAL)
  return () => clearInterval(timer)
}
