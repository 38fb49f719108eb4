import { appendFileSync, constants, fstatSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { contain } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { cutBack } from '@p2p-secure-chat/core/files/background-writer'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { encodeEntry, type LogEntry } from './log-entry.ts'
import { LOG_LABEL, LOG_START, logOpener, type LogPosition, positionAfter, runSealer } from './log-items.ts'
import type { KeySource } from './read-log.ts'
import { type FoundItem, MAGIC, openLogFile, type Scan, scanLog } from './scan-log.ts'

/** The largest log, in bytes: about 800,000 short texts, which take seconds to read and check. */
const LOG_LIMIT = 2 ** 28

/** Appends to a log during one run of a client. */
export interface LogWriter {
  /** Bytes of a partial entry that a crash had left and that are now removed. */
  readonly cutOff: number
  /** Writes an entry at once. It never throws: the first failure is reported, and nothing more is written. */
  append(entry: LogEntry): void
  /** Records a clean stop and closes the file. Call it once; it never rejects. */
  close(): Promise<void>
  /** Closes the file as it is, because another program has taken it over. Call it once; it never rejects. */
  abandon(): Promise<void>
}

export interface LogWriterOptions {
  readonly path: string
  readonly keys: KeySource
  /** Called once when nothing more can be written: `unwritable`, `disk-full`. */
  readonly onFailure: (error: ChatError) => void
  /** The largest log in bytes; smaller only in tests. */
  readonly limit?: number
}

/**
 * Begins a run at the end of a log, which is created if needed (mode 0600). A partial entry that a crash left is cut off
 * first. Only the form of the log and its first item are checked here; readLog checks the rest.
 *
 * @throws {ChatError} `unwritable`, `disk-full`, `unreadable`; `bad-log` when it belongs to another identity or is not a
 * log
 */
export async function openLogWriter(options: LogWriterOptions): Promise<LogWriter> {
  const { path, keys, onFailure, limit = LOG_LIMIT } = options
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND
  const handle = await openLogFile(path, flags, 'unwritable')
  const logKey = keys.deriveKey(LOG_LABEL)
  try {
    const { end: start, rest, position } = await findEnd(path, logKey)
    if (rest === 'damage') throw new ChatError('bad-log', `${path} is not a valid log from byte ${start} on`)
    const cutOff = rest === 'half' ? await cutOffFrom(path, handle, start) : 0
    const sealer = runSealer(logKey, position)
    const head = start === 0 ? Buffer.concat([MAGIC, sealer.head]) : sealer.head
    const appendTo = (end: number, bytes: Uint8Array) => {
      if (end + bytes.length > limit) throw full(path, limit)
      return appendWhole(path, handle, bytes, end)
    }
    let end = appendTo(start, head)
    let failed = false

    function append(entry: LogEntry): void {
      if (failed) return
      try {
        end = appendTo(end, sealer.seal(encodeEntry(entry)))
      } catch (thrown) {
        failed = true
        onFailure(contain(thrown))
      }
    }

    async function abandon(): Promise<void> {
      failed = true
      sealer.wipe()
      await handle.close().catch(() => undefined)
    }

    return {
      cutOff,
      append,
      close() {
        append({ event: 'stop', at: new Date().toISOString() })
        return abandon()
      },
      abandon,
    }
  } catch (error) {
    await handle.close()
    throw error
  } finally {
    wipe(logKey)
  }
}

/** @returns the number of bytes removed */
async function cutOffFrom(path: string, handle: FileHandle, end: number): Promise<number> {
  try {
    const { size } = await handle.stat()
    await handle.truncate(end)
    return size - end
  } catch (cause) {
    throw fileError('unwritable', path, cause)
  }
}

/**
 * Appends all of it or nothing. It is synchronous so that everything that the client has shown is in the file even if it
 * is killed the next moment; a few hundred bytes cost only microseconds.
 *
 * @returns the new end of the file
 * @throws {ChatError} `unwritable`, `disk-full`
 */
function appendWhole(path: string, { fd }: FileHandle, bytes: Uint8Array, end: number): number {
  // After another program's bytes, our item would be out of place and look like an attack.
  if (sizeOf(path, fd) !== end) throw changed(path)
  try {
    appendFileSync(fd, bytes)
    return end + bytes.length
  } catch (cause) {
    // If this fails too, the next run cuts it off.
    cutBack(fd, end)
    throw fileError('unwritable', path, cause)
  }
}

function sizeOf(path: string, fd: number): number {
  try {
    return fstatSync(fd).size
  } catch (cause) {
    throw fileError('unwritable', path, cause)
  }
}

function changed(path: string): ChatError {
  return new ChatError('unwritable', `another program changed ${path}`, {
    hint: 'let one client at a time keep it; /log on then continues at its end',
  })
}

function full(path: string, limit: number): ChatError {
  return new ChatError('unwritable', `${path} is full at ${limit / 2 ** 20} MiB`, {
    hint: 'move it away to keep it, or use /log erase; /log on then begins a new one',
  })
}

/** Finds the position of the next item. @throws {ChatError} `bad-log` when the first item is not ours */
async function findEnd(path: string, logKey: Uint8Array): Promise<Scan & { readonly position: LogPosition }> {
  let position = LOG_START
  const scan = await scanLog(path, items => {
    const [first] = items
    if (position === LOG_START && first !== undefined) checkFirst(path, logKey, first)
    const last = items.at(-1)
    if (last !== undefined) position = positionAfter(last.item)
  })
  return { ...scan, position }
}

function checkFirst(path: string, logKey: Uint8Array, { item }: FoundItem): void {
  const opener = logOpener(logKey)
  try {
    opener.open(item)
  } catch (cause) {
    throw new ChatError('bad-log', `${path} is the log of another identity, or was altered at its beginning`, { cause })
  } finally {
    opener.wipe()
  }
}
