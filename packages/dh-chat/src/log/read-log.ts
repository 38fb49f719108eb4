import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { decodeEntry, type LogEntry } from './log-entry.ts'
import { LOG_LABEL, logOpener, RUN } from './log-items.ts'
import { type FoundItem, scanLog } from './scan-log.ts'

/** Gives the keys of our own. */
export interface KeySource {
  deriveKey(label: string): Uint8Array
}

/** What reading a log showed beside its entries. */
export interface LogReport {
  /** `bad-log`, with the first place that is not as it was written; null when everything is. */
  readonly damage: ChatError | null
  /**
   * How many runs of a client did not stop in order: it still runs, it was killed, or somebody cut off the end of the log
   * as it was then. A log that was cut between two runs can not be told from one that ended there.
   */
  readonly unfinished: number
}

/**
 * Reads a whole log and checks all of it, in constant memory.
 *
 * @param onEntries takes what is whole, piece by piece in order; reading goes on when it is done
 * @throws {ChatError} `unreadable`; what `onEntries` throws
 */
export async function readLog(
  path: string,
  keys: KeySource,
  onEntries: (entries: readonly LogEntry[]) => Promise<void> | void,
): Promise<LogReport> {
  const logKey = keys.deriveKey(LOG_LABEL)
  const opener = logOpener(logKey)
  let firstDamage: number | null = null
  let damaged = 0
  let stopped = true
  let unfinished = 0

  function noteDamage(at: number): void {
    firstDamage ??= at
    damaged += 1
  }

  function entryOf({ at, item }: FoundItem): LogEntry | null {
    if (item.type === RUN && !stopped) unfinished += 1
    stopped = false
    try {
      const plaintext = opener.open(item)
      const entry = plaintext === null ? null : decodeEntry(plaintext)
      stopped = entry?.event === 'stop'
      return entry
    } catch (error) {
      rethrowUnless(error)
      noteDamage(at)
      return null
    }
  }

  try {
    const { end, rest } = await scanLog(path, items => onEntries(items.map(entryOf).filter(entry => entry !== null)))
    if (rest === 'damage') noteDamage(end)
    if (rest !== 'nothing' || !stopped) unfinished += 1
    return {
      damage: firstDamage === null ? null : new ChatError('bad-log', places(path, firstDamage, damaged)),
      unfinished,
    }
  } finally {
    opener.wipe()
    wipe(logKey)
  }
}

function places(path: string, first: number, count: number): string {
  const more = count === 1 ? '' : `, and at ${count - 1} more places`
  return `${path} is not as this identity wrote it, first at byte ${first}${more}; the rest is shown`
}
