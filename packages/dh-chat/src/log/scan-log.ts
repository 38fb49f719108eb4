import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { frameDecoder, HEADER_BYTES, type Message } from '@p2p-secure-chat/core/wire/frame'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'
import { isWellFormed, logLimits } from './log-items.ts'

/** The beginning of every log: format and version. */
export const MAGIC = Buffer.from('P2PCLOG1')

/** Bytes read at once: about 200 short items, whose tags take a few milliseconds to check. */
const CHUNK_BYTES = 65_536

/** An item, and its offset in the file. */
export interface FoundItem {
  readonly at: number
  readonly item: Message
}

export interface Scan {
  /** The offset after the last complete item, or after the magic. */
  readonly end: number
  /** The bytes there: none; the beginning of an item, as a crash leaves it; or something that is not an item. */
  readonly rest: 'nothing' | 'half' | 'damage'
}

/**
 * Opens a log, but follows no link that somebody put in its place.
 *
 * @param flags of open(2), without the one that forbids links
 * @throws {ChatError} `unreadable` or `unwritable`, as given, also when it is not a regular file
 */
export async function openLogFile(path: string, flags: number, code: 'unreadable' | 'unwritable'): Promise<FileHandle> {
  try {
    return await openRegularFile(path, flags | constants.O_NOFOLLOW)
  } catch (cause) {
    throw fileError(code, path, cause)
  }
}

/**
 * Reads the items of a log from beginning to end, in constant memory. It checks only their form.
 *
 * @param onItems receives the items of one piece of the file; the next piece is read when it is done
 * @throws {ChatError} `unreadable`; what `onItems` throws
 */
export async function scanLog(
  path: string,
  onItems: (items: readonly FoundItem[]) => Promise<void> | void,
): Promise<Scan> {
  const handle = await openLogFile(path, constants.O_RDONLY, 'unreadable')
  try {
    const decoder = frameDecoder(logLimits)
    let end = 0
    for (let at = 0; ; ) {
      // Each piece has its own buffer, because items are views of it.
      const room = Buffer.allocUnsafe(CHUNK_BYTES)
      const { bytesRead } = await read(path, handle, room, at)
      if (bytesRead === 0) return { end, rest: at > end ? 'half' : 'nothing' }
      let piece = room.subarray(0, bytesRead)
      if (at === 0) {
        // The first read of a regular file returns the whole magic, or the whole file.
        const start = piece.subarray(0, MAGIC.length)
        if (!start.equals(MAGIC.subarray(0, start.length))) return { end, rest: 'damage' }
        if (start.length < MAGIC.length) return { end, rest: 'half' }
        end = MAGIC.length
        piece = piece.subarray(MAGIC.length)
      }
      at += bytesRead
      const items: FoundItem[] = []
      const decoded = decode(() =>
        decoder.push(piece, item => {
          if (!isWellFormed(item)) throw new ChatError('bad-log', 'an item is incomplete')
          items.push({ at: end, item })
          end += HEADER_BYTES + item.body.length
        }),
      )
      await onItems(items)
      if (!decoded) return { end, rest: 'damage' }
    }
  } finally {
    await handle.close()
  }
}

async function read(path: string, handle: FileHandle, room: Buffer, at: number) {
  try {
    return await handle.read(room, 0, room.length, at)
  } catch (cause) {
    throw fileError('unreadable', path, cause)
  }
}

/** @returns false when the bytes are not an item */
function decode(push: () => void): boolean {
  try {
    push()
    return true
  } catch (error) {
    rethrowUnless(error)
    return false
  }
}
