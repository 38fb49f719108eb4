import { createReadStream } from 'node:fs'
import { type FileHandle, lstat, open, rm } from 'node:fs/promises'
import { checkGroup } from '@p2p-secure-chat/core/dh/group-check'
import { encodeGroupPem, type GroupParameters, parseGroupPem } from '@p2p-secure-chat/core/dh/group-pem'
import { type Group, groupNames, namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { byOpenSsl } from '@p2p-secure-chat/core/dh/primality'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { readSmall } from '../identity/read-small.ts'

/** Largest file in bytes: a group of 8192 bits takes 1.5 KiB, and `openssl dhparam -text` adds three times that. */
const MAX_FILE_BYTES = 16 * 1024

/** Public numbers: everybody may read them. */
const FILE_MODE = 0o644

/**
 * What `--group` asks for: one of the named groups, or else the group in a PEM file, checked with OpenSSL's primality
 * test (a quarter of a second for 2048 bits, two seconds for 4096).
 *
 * @throws {ChatError} `unknown-group` when it is neither a name nor a file, `unreadable`, `bad-group-file`, `weak-group`
 */
export async function loadGroup(nameOrFile: string): Promise<Group> {
  if (groupNames.includes(nameOrFile)) return namedGroup(nameOrFile)
  return checkGroup(parseGroupPem(await readGroupFile(nameOrFile)), byOpenSsl)
}

async function readGroupFile(file: string): Promise<string> {
  let content: Buffer
  try {
    content = await readSmall(createReadStream(file), MAX_FILE_BYTES)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') {
      throw new ChatError('unknown-group', `no group and no file is called ${file}`, { cause })
    }
    throw fileError('unreadable', file, cause)
  }
  if (content.length > MAX_FILE_BYTES) throw new ChatError('bad-group-file', `${file} is larger than a group can be`)
  return content.toString('latin1')
}

/**
 * Finds out what would keep saveGroup from writing, before the long work whose result is to be saved.
 *
 * @throws {ChatError} `unwritable`
 */
export async function checkTarget(file: string, force: boolean): Promise<void> {
  const isThere = await lstat(file).then(
    () => true,
    () => false,
  )
  // Nothing that is there is touched, and what is made for the trial is gone at once.
  const handle = await create(file, force ? 'a' : 'wx')
  await handle.close()
  if (!isThere) await rm(file, { force: true })
}

/**
 * Writes a group as PEM. A new file that could not be written to its end is removed again.
 *
 * @param force overwrite what is there
 * @throws {ChatError} `unwritable`, `disk-full`
 */
export async function saveGroup(file: string, parameters: GroupParameters, force: boolean): Promise<void> {
  const handle = await create(file, force ? 'w' : 'wx')
  try {
    await handle.writeFile(encodeGroupPem(parameters))
  } catch (cause) {
    if (!force) await rm(file, { force: true })
    throw fileError('unwritable', file, cause)
  } finally {
    await handle.close()
  }
}

async function create(file: string, flags: 'a' | 'w' | 'wx'): Promise<FileHandle> {
  try {
    return await open(file, flags, FILE_MODE)
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') throw inTheWay(file, cause)
    throw fileError('unwritable', file, cause)
  }
}

function inTheWay(file: string, cause?: unknown): ChatError {
  return new ChatError('unwritable', `${file} exists already`, { cause, hint: '--force overwrites it' })
}
