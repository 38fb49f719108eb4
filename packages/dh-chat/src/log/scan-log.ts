import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { frameDecoder, HEADER_BYTES, type Message } from '@p2p-secure-chat/core/wire/frame'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'
import { isWellFormed, logLimits } from './log-items.ts'

/** What a log begins with: its format, and the version of that. */
export const MAGIC = Buffer.from('P2PCLOG1')

/** Bytes read at once: some 200 short items, whose tags take a few milliseconds. */
const CHUNK_BYTES = 65_536

/** An item, and the byte of the file at which it begins. */
export interface FoundItem {
  readonly at: number
  readonly item: Message
}

export interface Scan {
  /** The byte behind the last whole item, or behind the magic. */
  readonly end: number
  /** What stands there: nothing; the beginning of an item, as a crash leaves it; or what is no item of a log at all. */
  readonly rest: 'nothing' | 'half' | 'damage'
}

/**
 * Opens a log, and no other file through a link in its place.
 *
 * @param flags beside those that forbid links
 * @throws {ChatError} `unreadable` or `unwritable`, as given, when it is no regular file either
 */
export async function openLogFile(path: string, flags: number, code: 'unreadable' | 'unwritable'): Promise<FileHandle> {
  try {
    return await openRegularFile(path, flags | constants.O_NOFOLLOW)
  } catch (cause) {
    throw fileError(code, path, cause)
  }
}

/**
 * Reads the items of a log from its beginning to its end, in constant memory. Nothing is checked but their form.
 *
 * @param onItems takes the items of one piece of the file; the next piece is read when it is done
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
      // A buffer of its own for each piece: items are views of it.
      const room = Buffer.allocUnsafe(CHUNK_BYTES)
      const { bytesRead } = await read(path, handle, room, at)
      if (bytesRead === 0) return { end, rest: at > end ? 'half' : 'nothing' }
      let piece = room.subarray(0, bytesRead)
      if (at === 0) {
        // The first read of a regular file gives all there is of the magic.
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
          if (!isWellFormed(item)) throw new ChatError('bad-log', 'an item without all of its parts')
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

/** @returns false when what was to be decoded is no item */
function decode(push: () => void): boolean {
  try {
    push()
    return true
  } catch (error) {
    if (error instanceof ChatError) return false
    throw error
  }
}
