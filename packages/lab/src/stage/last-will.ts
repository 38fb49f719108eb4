/** What is still to be ended or removed, the newest last. */
const wills = new Set<() => void>()

function execute(): void {
  for (const will of [...wills].toReversed()) {
    try {
      will()
    } catch {
      // Nobody is left to tell, and the others have their turn.
    }
  }
}

/**
 * Sees to it that something does not outlive this program, however that ends, short of SIGKILL.
 *
 * @param will runs when the program ends, at once: what it only begins is not waited for
 * @returns takes it back, when all is done that was to be done
 */
export function atTheEnd(will: () => void): () => void {
  if (wills.size === 0) process.off('exit', execute).on('exit', execute)
  wills.add(will)
  return () => void wills.delete(will)
}

/** How much there is that would outlive this program. */
export const leftBehind = (): number => wills.size
