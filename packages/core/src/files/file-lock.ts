import { readFileSync, unlinkSync } from 'node:fs'
import { type FileHandle, open, rm, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChatError } from '../errors.ts'
import { fileError, systemCode } from './file-error.ts'
import { EXPIRY, lookAtOwned, type OwnedFile, RENEWAL } from './owned-file.ts'
import { ownerState, ownerText } from './owner.ts'

/** How long to wait before the next look whether another program is done, in milliseconds. */
const PAUSE = 10

/** How long to wait for one other program, in milliseconds: a thousand times what writing a small file takes. */
const PATIENCE = 2_000

/** How long to wait for all others together that come first, in milliseconds. */
const LONGEST_WAIT = 30_000

/** How often a lock may turn out to be left over, or vanish, before we give up. */
const ROUNDS = 8

/** The right to change a file, which one program at a time can have. */
export interface FileLock {
  /** Whether nobody has taken it from us: on a shared disk we may look gone, as when this machine was suspended. */
  isHeld(): Promise<boolean>
  /** Gives it back. Never rejects: one that cannot be removed is taken over once we are gone. */
  release(): Promise<void>
}

/**
 * Takes the lock of a file: a file beside it, FILE.lock, which only one program can create, and which says whose it is.
 * One whose owner is gone is taken over, whether it was killed, or its machine was started again, or its number belongs
 * to another process now. The owner that cannot be asked after, as on another machine, is gone when it has not renewed
 * its lock for half a minute.
 *
 * @param path the file that is to be changed, in a folder that exists
 * @param onLost called once when somebody has taken it from us
 * @throws {ChatError} `unwritable` when another program keeps it for two seconds, or there is something else in the place of the lock;
 * `unreadable`, `disk-full`
 */
export async function lockFile(path: string, onLost: (error: ChatError) => void = () => {}): Promise<FileLock> {
  const lock = `${path}.lock`
  const mine = ownerText()
  const isHeld = async () => (await lookAtOwned(lock).catch(() => null))?.text === mine
  const deadline = performance.now() + LONGEST_WAIT
  let waiting = { text: mine, end: deadline }
  for (let round = 0; ; ) {
    if (await create(lock, mine, path)) {
      // A process stopped between these two steps may look gone to others, and learns it here.
      if (await isHeld()) break
    }
    const found = await lookAtOwned(lock)
    if (found === null || found.left) {
      if (++round > ROUNDS) throw keptBy(found, path)
      if (found !== null) await clearAway(lock, found)
    } else {
      const now = performance.now()
      if (found.text !== waiting.text) waiting = { text: found.text, end: Math.min(now + PATIENCE, deadline) }
      if (now >= waiting.end) throw keptBy(found, path)
      await sleep(PAUSE)
    }
  }
  const renewal = setInterval(() => void renew().catch(() => undefined), RENEWAL).unref()
  process.on('exit', removeAtOnce)

  /** Leaving in the midst of it leaves no lock behind. */
  function removeAtOnce(): void {
    try {
      if (readFileSync(lock, 'utf8') === mine) unlinkSync(lock)
    } catch {
      // It is taken over once we are gone.
    }
  }

  async function renew(): Promise<void> {
    const now = new Date()
    if (await isHeld()) return utimes(lock, now, now)
    clearInterval(renewal)
    onLost(overtaken(path))
  }

  return {
    isHeld,
    async release() {
      clearInterval(renewal)
      process.off('exit', removeAtOnce)
      if (await isHeld()) await rm(lock, { force: true }).catch(() => undefined)
    },
  }
}

/** @returns false where there is something of that name */
async function create(lock: string, text: string, path: string): Promise<boolean> {
  let handle: FileHandle
  try {
    handle = await open(lock, 'wx', 0o600)
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return false
    throw fileError('unwritable', path, cause)
  }
  try {
    await handle.writeFile(text)
    return true
  } catch (cause) {
    await rm(lock, { force: true }).catch(() => undefined)
    throw fileError('unwritable', path, cause)
  } finally {
    await handle.close()
  }
}

/**
 * Removes a lock whose owner is gone. Others may be about to do the same, and the next one may have it already: so this
 * needs a lock of its own, under the mark of the one that is to go.
 */
async function clearAway(lock: string, { mark }: OwnedFile): Promise<void> {
  const clearing = await lockFile(`${lock}.${mark}`)
  try {
    if ((await lookAtOwned(lock))?.mark === mark) await rm(lock, { force: true })
  } catch (cause) {
    throw cause instanceof ChatError ? cause : fileError('unwritable', lock, cause)
  } finally {
    await clearing.release()
  }
}

/** What to throw where isHeld() says no. */
export function overtaken(path: string): ChatError {
  return new ChatError('unwritable', `another program took over the lock of ${path}`, { hint: 'try again' })
}

/** Says who has it, and what to do. */
export function keptBy(found: OwnedFile | null, path: string): ChatError {
  const owner = found?.owner ?? null
  const running = owner !== null && ownerState(owner) === 'running'
  const who = owner === null ? 'another program' : `another program (process ${owner.pid})`
  return new ChatError('unwritable', `${who} keeps ${path}`, {
    hint: running
      ? 'wait until it ends, then try again'
      : `try again in ${EXPIRY / 1_000} s: if that program is gone, its lock expires by then`,
  })
}
