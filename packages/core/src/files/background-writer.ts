import { appendFile, ftruncateSync } from 'node:fs'
import { ChatError } from '../errors.ts'
import { fileError } from './file-error.ts'

/** Bytes that may wait for a slow disk; a program that wrote on would fill the memory instead. */
const WAITING_LIMIT = 16 * 1024 * 1024

/** Appends to a file without keeping anybody waiting. */
export interface BackgroundWriter {
  /** Appends a piece. After a failure it does nothing. */
  write(piece: Uint8Array): void
  /** Settles when all that was written is in the file, or nothing more will be. */
  settled(): Promise<void>
}

/**
 * Appends whole pieces in their order: pieces of one turn of the event loop leave in one write, in the next turn. If a
 * write fails, what is in the file of it is taken away again, so that the file ends with a whole piece.
 *
 * @param file a descriptor, which belongs to the caller
 * @param path what the file is called, for errors
 * @param size bytes that are in the file already
 * @param onFailure called once with why nothing more is written: `unwritable`, also when the disk is too slow; `disk-full`
 */
export function backgroundWriter(
  file: number,
  path: string,
  size: number,
  onFailure: (error: ChatError) => void,
  limit = WAITING_LIMIT,
): BackgroundWriter {
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let end = size
  let failed = false
  let running: Promise<void> | null = null

  function fail(error: ChatError): void {
    failed = true
    waiting = []
    onFailure(error)
  }

  function append(bytes: Uint8Array): Promise<void> {
    return new Promise(resolve => {
      appendFile(file, bytes, cause => {
        if (cause === null) {
          end += bytes.length
        } else {
          cutBack(file, end)
          if (!failed) fail(fileError('unwritable', path, cause))
        }
        resolve()
      })
    })
  }

  async function run(): Promise<void> {
    // The turn ends first: what it still writes belongs to the same write.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      const bytes = Buffer.concat(waiting)
      waiting = []
      await append(bytes)
      waitingBytes -= bytes.length
    }
    running = null
  }

  return {
    write(piece) {
      if (failed) return
      if (waitingBytes + piece.length > limit) {
        const message = `${path}: the disk is too slow, and ${limit / 2 ** 20} MiB wait already`
        return fail(new ChatError('unwritable', message, { hint: 'record to a faster disk' }))
      }
      waiting.push(piece)
      waitingBytes += piece.length
      running ??= run()
    },
    settled: () => running ?? Promise.resolve(),
  }
}

/**
 * Takes away what was written to a file beyond `size` bytes: on a full disk, a part of what is appended may be there. If
 * that fails as well, it stays.
 */
export function cutBack(file: number, size: number): void {
  try {
    ftruncateSync(file, size)
  } catch {
    // The failure that led here is reported already.
  }
}
