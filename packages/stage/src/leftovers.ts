import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { reasonOf } from '@p2p-secure-chat/core/files/file-error'

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

/**
 * Makes a new folder for its owner alone, where the system keeps what is temporary.
 *
 * @param prefix what its name begins with
 * @throws {ChatError} `unwritable`
 */
export function makeTemporaryFolder(prefix: string): string {
  const place = tmpdir()
  try {
    return mkdtempSync(join(place, prefix))
  } catch (cause) {
    const hint = 'set TMPDIR to an existing folder that you may write to'
    throw new ChatError('unwritable', `cannot make a temporary folder in ${place}: ${reasonOf(cause)}`, { cause, hint })
  }
}
