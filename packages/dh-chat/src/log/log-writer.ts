import { appendFileSync, constants, fstatSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { contain } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { cutBack } from '@p2p-secure-chat/core/files/background-writer'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { encodeEntry, type LogEntry } from './log-entry.ts'
import { LOG_LABEL, LOG_START, logOpener, type Place, placeAfter, runSealer } from './log-items.ts'
import type { KeySource } from './read-log.ts'
import { type FoundItem, MAGIC, openLogFile, type Scan, scanLog } from './scan-log.ts'

/** The largest log, in bytes: some 800,000 short texts, which are read and checked in seconds. */
const LOG_LIMIT = 2 ** 28

/** Appends to a log, from the beginning of a run to its end. */
export interface LogWriter {
  /** Bytes of a half entry that a crash had left, and that are gone now. */
  readonly cutOff: number
  /** Keeps an entry, at once. It never throws: what goes wrong is told once, and nothing more is kept. */
  append(entry: LogEntry): void
  /** Says in the log that it stops in order, and closes the file. Once; never rejects. */
  close(): Promise<void>
  /** Closes the file as it is, since another program has it now. Once; never rejects. */
  abandon(): Promise<void>
}

export interface LogWriterOptions {
  readonly path: string
  readonly keys: KeySource
  /** Told why nothing more is kept: `unwritable`, `disk-full`. */
  readonly onFailure: (error: ChatError) => void
  /** The largest log in bytes; smaller in tests alone. */
  readonly limit?: number
}

/**
 * Begins a run at the end of a log, which is made if there is none (mode 0600). Where a crash left a half entry, that is
 * cut off first. Of what is there, its form and the first item alone are checked: the rest is for who reads it.
 *
 * @throws {ChatError} `unwritable`, `disk-full`, `unreadable`; `bad-log` when it belongs to another identity or is no log
 */
export async function openLogWriter(options: LogWriterOptions): Promise<LogWriter> {
  const { path, keys, onFailure, limit = LOG_LIMIT } = options
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND
  const handle = await openLogFile(path, flags, 'unwritable')
  const logKey = keys.deriveKey(LOG_LABEL)
  try {
    const { end: start, rest, place } = await lookThrough(path, logKey)
    if (rest === 'damage') throw new ChatError('bad-log', `${path} is no log from byte ${start} on`)
    const cutOff = rest === 'half' ? await cutOffFrom(path, handle, start) : 0
    const sealer = runSealer(logKey, place)
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

/** @returns how many bytes there were behind that one */
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
 * Appends all of it or nothing. Not in the background: what a client has shown is in the file, even if it is killed the
 * next moment, and some hundred bytes cost no more than some microseconds.
 *
 * @returns where the file ends now
 * @throws {ChatError} `unwritable`, `disk-full`
 */
function appendWhole(path: string, { fd }: FileHandle, bytes: Uint8Array, end: number): number {
  // Behind what another program wrote, no item of ours would be in its place: it would look like an attack.
  if (sizeOf(path, fd) !== end) throw changed(path)
  try {
    appendFileSync(fd, bytes)
    return end + bytes.length
  } catch (cause) {
    // If this fails as well, the next run cuts it off.
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
    hint: 'see that one client at a time keeps it; then /log on goes on behind what is there',
  })
}

function full(path: string, limit: number): ChatError {
  return new ChatError('unwritable', `${path} is full at ${limit / 2 ** 20} MiB`, {
    hint: 'move it away to keep it, or /log erase; then /log on begins a new one',
  })
}

/** Finds the place for the next item. @throws {ChatError} `bad-log` when the first item is not one of ours */
async function lookThrough(path: string, logKey: Uint8Array): Promise<Scan & { readonly place: Place }> {
  let place = LOG_START
  const scan = await scanLog(path, items => {
    const [first] = items
    if (place === LOG_START && first !== undefined) checkFirst(path, logKey, first)
    const last = items.at(-1)
    if (last !== undefined) place = placeAfter(last.item)
  })
  return { ...scan, place }
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
