import { type ChildProcess, spawn } from 'node:child_process'
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
/** Reads which processes began and ended, and kills those that are left when we are gone. */
const REAPER = `
left=' '
while read -r what pid; do
  case $what in
    began) left="$left$pid " ;;
    ended) left="\${left%% $pid *} \${left#* $pid }" ;;
  esac
done
[ "$left" = ' ' ] || kill -9 $left`

/** A process of its own that looks after all others; it is started with the first of them. */
let reaper: ChildProcess | null = null

/**
 * Sees to it that a process does not outlive this program, however that ends, even by SIGKILL: another process notices
 * by a pipe that we are gone. Where there is no shell, as on Windows, that holds short of SIGKILL.
 *
 * @returns takes it back, when the process has ended
 */
export function endsWithUs(child: ChildProcess): () => void {
  const isGone = atExit(() => child.kill('SIGKILL'))
  const { pid } = child
  if (pid === undefined) return isGone
  const { stdin } = (reaper ??= startReaper())
  stdin?.write(`began ${pid}\n`)
  return () => {
    stdin?.write(`ended ${pid}\n`)
    isGone()
  }
}

function startReaper(): ChildProcess {
  // In a group of its own, which Ctrl-C does not reach.
  const env = { PATH: process.env['PATH'] }
  const started = spawn('sh', ['-c', REAPER], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env })
  started.on('error', () => undefined).unref()
  started.stdin.on('error', () => undefined)
  Object(started.stdin).unref()
  return started
}
