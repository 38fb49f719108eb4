/** What is still to be ended or removed, the newest last. */
const endings = new Set<() => void>()

function endAll(): void {
  for (const end of [...endings].toReversed()) {
    try {
      end()
    } catch {
      // Nobody is left to tell, and the others have their turn.
    }
  }
}

/**
 * Sees to it that something does not outlive this program, however that ends, short of SIGKILL.
 *
 * @param end runs when the program ends, at once: what it only begins is not waited for
 * @returns takes it back, when all is done that was to be done
 */
export function atExit(end: () => void): () => void {
  if (endings.size === 0) process.off('exit', endAll).on('exit', endAll)
  endings.add(end)
  return () => void endings.delete(end)
}

/** How much there is that would outlive this program. */
export const leftBehind = (): number => endings.size
