import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { decodeEntry, type LogEntry } from './log-entry.ts'
import { LOG_LABEL, logOpener, RUN } from './log-items.ts'
import { type FoundItem, scanLog } from './scan-log.ts'

/** Derives keys from our own identity. */
export interface KeySource {
  deriveKey(label: string): Uint8Array
}

/** The findings of reading a log, beside its entries. */
export interface LogReport {
  /** `bad-log` with the first damaged place; null when everything is intact. */
  readonly damage: ChatError | null
  /**
   * The number of runs that did not stop cleanly: the client is still running, it was killed, or somebody cut off the end
   * of the log. A log that was cut between two runs is indistinguishable from one that ended there.
   */
  readonly unfinished: number
}

/**
 * Reads a whole log and checks all of it, in constant memory.
 *
 * @param onEntries receives the intact entries in order, piece by piece; reading continues when it is done
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
  const more = count === 1 ? '' : `, and in ${count - 1} more places`
  return `${path} is not as this identity wrote it, first at byte ${first}${more}; all intact entries are shown`
}
