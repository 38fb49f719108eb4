import { constants } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { shellWord } from '@p2p-secure-chat/core/terminal/printable'
import { replaceFile } from '@p2p-secure-chat/core/files/replace-file'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'
import { makePrivateFolder } from '@p2p-secure-chat/core/files/make-folder'
import { readSmall } from './read-small.ts'
import { keepsRights } from './safe-files.ts'

/** Largest file in bytes: a key takes half a KiB, and other text may stand around it. */
const MAX_FILE_BYTES = 16 * 1024

/**
 * Reads a file with a private key. As ssh does, this refuses one of one's own that other users can read.
 *
 * @returns its text, null where there is no file
 * @throws {ChatError} `bad-identity` when it is open to others or too large; `unreadable`, also when it is no regular file
 */
export async function readPrivateFile(file: string): Promise<string | null> {
  try {
    if ((await isOpenToOthers(file)) && (await keepsRights(dirname(file)))) {
      throw new ChatError('bad-identity', `other users may read ${file}`, {
        hint: `take that away with: chmod 600 ${shellWord(file)}`,
      })
    }
    return await readKeyText((await openRegularFile(file, constants.O_RDONLY)).createReadStream(), file)
  } catch (cause) {
    // Where a folder can not even be made, making it says why.
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') return null
    throw cause instanceof ChatError ? cause : fileError('unreadable', file, cause)
  }
}

/**
 * Reads a text that is to hold one key.
 *
 * @param source where it comes from, to say so in the error
 * @throws {ChatError} `bad-identity` when it is too large
 * @throws {Error} of the operating system
 */
export async function readKeyText(stream: AsyncIterable<Uint8Array>, source: string): Promise<string> {
  const content = await readSmall(stream, MAX_FILE_BYTES)
  if (content.length > MAX_FILE_BYTES) throw new ChatError('bad-identity', `${source} is larger than a key can be`)
  return content.toString('latin1')
}

/** Whether users other than its owner, who we are, may do something with it. @throws {Error} of the operating system */
export async function isOpenToOthers(file: string): Promise<boolean> {
  const { mode, uid } = await stat(file)
  // On systems without user ids, modes do not tell who may read.
  return uid === process.getuid?.() && (mode & 0o077) !== 0
}

/**
 * Writes a file for its owner alone, and its folder where there is none. It appears whole or not at all.
 *
 * @returns false where the file exists already; its content is then left alone
 * @throws {ChatError} `unwritable`, `disk-full`
 */
export async function writeNewPrivateFile(file: string, content: string): Promise<boolean> {
  await makePrivateFolder(dirname(file))
  let written = false
  await replaceFile(file, async () => {
    written = !(await isThere(file))
    return written ? Buffer.from(content, 'latin1') : null
  })
  return written
}

/** Also a link that leads nowhere. @throws {ChatError} `unwritable` */
async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return false
    throw fileError('unwritable', file, cause)
  }
}
