import { createReadStream } from 'node:fs'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { checkGroup } from '@p2p-secure-chat/core/dh/group-check'
import { parseGroupPem } from '@p2p-secure-chat/core/dh/group-pem'
import { type Group, groupNames, namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { byOpenSsl } from '@p2p-secure-chat/core/dh/primality'

/** Largest file in bytes: a group of 8192 bits takes 1.5 KiB, and `openssl -text` writes three times that. */
const MAX_FILE_BYTES = 16 * 1024

/**
 * What `--group` asks for: one of the named groups, or else the group in a PEM file, checked by OpenSSL's primality
 * test (a quarter of a second for 2048 bits, two seconds for 4096).
 *
 * @throws {ChatError} `unknown-group` when it is neither a name nor a file, `unreadable`, `bad-group-file`, `weak-group`
 */
export async function loadGroup(nameOrFile: string): Promise<Group> {
  if (groupNames.includes(nameOrFile)) return namedGroup(nameOrFile)
  return checkGroup(parseGroupPem(await readSmallFile(nameOrFile)), byOpenSsl)
}

async function readSmallFile(file: string): Promise<string> {
  let text = ''
  try {
    // `end` is included, so a file that is too large shows by one byte.
    for await (const chunk of createReadStream(file, { end: MAX_FILE_BYTES, encoding: 'latin1' })) text += String(chunk)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new ChatError('unknown-group', `no group and no file is called ${file}`, { cause })
    }
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ChatError('unreadable', `cannot read the group: ${reason}`, { cause })
  }
  if (text.length > MAX_FILE_BYTES) throw new ChatError('bad-group-file', `${file} is larger than a group can be`)
  return text
}
