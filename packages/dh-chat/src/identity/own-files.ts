import { dirname, join } from 'node:path'
import type { PersonalFiles } from '@p2p-secure-chat/basic-p2p/commands/preferences'
import { replaceFile } from '@p2p-secure-chat/core/files/replace-file'
import { constants } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { makePrivateFolder } from '@p2p-secure-chat/core/files/make-folder'
import { readSmall } from '@p2p-secure-chat/core/files/read-small'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'
import { shellWord } from '@p2p-secure-chat/core/terminal/printable'
import { keepsRights } from './safe-files.ts'

/** Largest file in bytes: more than 100,000 peers, each on a line. */
export const MAX_OWN_FILE_BYTES = 2 ** 24

/** Largest file of a key in bytes: a key takes half a KiB, and other text may surround it. */
const MAX_KEY_FILE_BYTES = 16 * 1024

/** The files of NAME in HOME/NAME, beside the identity, which must exist. */
export function ownFiles(home: string, name: string): PersonalFiles {
  const where = (file: string) => join(home, name, file)
  return {
    where,
    async read(file) {
      return (await readOwnFile(where(file)))?.toString('utf8') ?? null
    },
    write: (file, text) => replaceFile(where(file), () => Promise.resolve(Buffer.from(text))),
  }
}

/**
 * Reads a whole file that the user's own programs wrote.
 *
 * @returns null when there is none
 * @throws {ChatError} `unreadable`, also when it is too large or not a regular file
 */
export async function readOwnFile(path: string): Promise<Buffer | null> {
  try {
    const handle = await openRegularFile(path, constants.O_RDONLY)
    const content = await readSmall(handle.createReadStream(), MAX_OWN_FILE_BYTES)
    if (content.length <= MAX_OWN_FILE_BYTES) return content
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null
    throw fileError('unreadable', path, cause)
  }
  throw new ChatError('unreadable', `${path} is larger than ${MAX_OWN_FILE_BYTES / 2 ** 20} MiB`)
}

/**
 * Reads a file with a private key. Like ssh, it refuses our own file when other users can read it.
 *
 * @returns its text, null when there is no file
 * @throws {ChatError} `bad-identity` when it is open to others or too large; `unreadable`, also when it is not a regular
 * file
 */
export async function readPrivateFile(file: string): Promise<string | null> {
  try {
    if ((await isOpenToOthers(file)) && (await keepsRights(dirname(file)))) {
      throw new ChatError('bad-identity', `other users can read ${file}`, {
        hint: `make it private with: chmod 600 ${shellWord(file)}`,
      })
    }
    return await readKeyText((await openRegularFile(file, constants.O_RDONLY)).createReadStream(), file)
  } catch (cause) {
    // ENOTDIR too: creating the folder will then report what is wrong with it.
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') return null
    throw cause instanceof ChatError ? cause : fileError('unreadable', file, cause)
  }
}

/**
 * Reads a text that should hold one key.
 *
 * @param source where it comes from, for the error
 * @throws {ChatError} `bad-identity` when it is too large
 * @throws {Error} of the operating system
 */
export async function readKeyText(stream: AsyncIterable<Uint8Array>, source: string): Promise<string> {
  const content = await readSmall(stream, MAX_KEY_FILE_BYTES)
  if (content.length > MAX_KEY_FILE_BYTES) throw new ChatError('bad-identity', `${source} is larger than a key can be`)
  return content.toString('latin1')
}

/** Whether a file is ours and other users have any access to it. @throws {Error} of the operating system */
export async function isOpenToOthers(file: string): Promise<boolean> {
  const { mode, uid } = await stat(file)
  // On systems without user ids, modes do not say who may read.
  return uid === process.getuid?.() && (mode & 0o077) !== 0
}

/**
 * Writes a file for its owner alone, and creates its folder if needed. It appears as a whole or not at all.
 *
 * @returns false when the file exists already; its content is then left alone
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

/** Also true for a dangling link. @throws {ChatError} `unwritable` */
async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return false
    throw fileError('unwritable', file, cause)
  }
}
