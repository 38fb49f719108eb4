import { createReadStream } from 'node:fs'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { readSmall } from './read-small.ts'

/** The longest passphrase that node:crypto takes, in bytes. */
export const PASSPHRASE_LIMIT = 1024

/** More than a line of that length and its end; what follows the first line is not looked at. */
const MAX_FILE_BYTES = 16 * 1024

/**
 * @returns the same bytes as a Buffer, which is what node:crypto takes; wiping them wipes both
 * @throws {ChatError} `bad-passphrase` when it is empty or too long
 */
export function checkPassphrase(bytes: Uint8Array): Buffer {
  if (bytes.length === 0) throw new ChatError('bad-passphrase', 'the passphrase is empty')
  if (bytes.length > PASSPHRASE_LIMIT) {
    throw new ChatError('bad-passphrase', `the passphrase has more than ${PASSPHRASE_LIMIT} bytes`)
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/**
 * The first line of a file, without its end.
 *
 * @returns bytes that belong to the caller, who wipes them
 * @throws {ChatError} `unreadable`
 */
export async function readPassphraseFile(file: string): Promise<Uint8Array> {
  let content: Buffer
  try {
    content = await readSmall(createReadStream(file), MAX_FILE_BYTES)
  } catch (cause) {
    throw fileError('unreadable', file, cause)
  }
  const end = content.findIndex(byte => byte === 0x0a || byte === 0x0d)
  return end < 0 ? content : content.subarray(0, end)
}
