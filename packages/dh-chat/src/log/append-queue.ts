import type { FileHandle } from 'node:fs/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError } from '../identity/file-error.ts'

/** Bytes that may wait for a slow disk: what a fast peer says in some seconds. */
const WAITING_LIMIT = 2 ** 24

/** Appends to a file without anybody having to wait for it. */
export interface AppendQueue {
  /** Takes bytes that are to be appended as a whole. After a failure nothing more is taken. */
  push(bytes: Uint8Array): void
  /** Settles when nothing waits any more. Never rejects. */
  written(): Promise<void>
}

export interface AppendQueueOptions {
  readonly path: string
  /** Open for appending; stays with the caller. */
  readonly handle: FileHandle
  /** Bytes that are in the file. */
  readonly end: number
  /** Bytes that may be in it. */
  readonly limit: number
  /** Told once why nothing more is appended: `unwritable`. */
  readonly onFailure: (error: ChatError) => void
}

export function appendQueue({ path, handle, end, limit, onFailure }: AppendQueueOptions): AppendQueue {
  let waiting: Uint8Array[] = []
  let writing: Promise<void> | null = null
  let written = end
  /** Bytes of the file when everything is written that was pushed. */
  let planned = end
  let failed = false

  function fail(error: ChatError): void {
    if (!failed) onFailure(error)
    failed = true
  }

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const bytes = Buffer.concat(waiting)
      waiting = []
      try {
        written = await appendWhole(path, handle, bytes, written)
      } catch (error) {
        if (!(error instanceof ChatError)) throw error
        waiting = []
        fail(error)
      }
    }
    writing = null
  }

  return {
    push(bytes) {
      if (failed) return
      planned += bytes.length
      if (planned > limit) {
        return fail(
          new ChatError('unwritable', `${path} is full at ${limit / 2 ** 20} MiB: /log erase, or move it away`),
        )
      }
      if (planned - written > WAITING_LIMIT) {
        return fail(new ChatError('unwritable', `${path}: the disk does not keep up with what is said`))
      }
      waiting.push(bytes)
      writing ??= write()
    },
    async written() {
      await writing
    },
  }
}

/**
 * Appends all of it or nothing.
 *
 * @returns where the file ends now
 * @throws {ChatError} `unwritable`
 */
export async function appendWhole(path: string, handle: FileHandle, bytes: Uint8Array, end: number): Promise<number> {
  try {
    await handle.appendFile(bytes)
    return end + bytes.length
  } catch (cause) {
    // On a full disk a part of it may be there. If this fails as well, the next run cuts it off.
    await handle.truncate(end).catch(() => undefined)
    throw fileError('unwritable', path, cause)
  }
}
