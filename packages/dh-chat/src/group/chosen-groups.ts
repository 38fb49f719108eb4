import { createReadStream } from 'node:fs'
import { checkGroup } from '@p2p-secure-chat/core/dh/group-check'
import { parseGroupPem } from '@p2p-secure-chat/core/dh/group-pem'
import { type Group, groupNames, namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { byOpenSsl } from '@p2p-secure-chat/core/dh/primality'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { readSmall } from '@p2p-secure-chat/core/files/read-small'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'

/**
 * The best balance of strength and speed first, then the stronger ones, then those a peer may insist on. None is longer
 * than 4096 bits: one OFFER in modp18 costs a responder about 50 ms and costs the stranger who sends it nothing.
 */
const DEFAULT_GROUPS = ['ffdhe3072', 'ffdhe4096', 'ffdhe2048', 'modp14', 'modp15', 'modp16']

/** Largest file in bytes: a group of 8192 bits takes 1.5 KiB, and `openssl dhparam -text` adds three times that. */
const MAX_FILE_BYTES = 16 * 1024

/**
 * The groups to accept, the best first: the one that `--group` names, or the default ones.
 *
 * @throws {ChatError} as loadGroup
 */
export async function chosenGroups(nameOrFile: string | undefined): Promise<readonly Group[]> {
  return nameOrFile === undefined ? defaultGroups() : [await loadGroup(nameOrFile)]
}

/** The groups to accept without `--group`, the best first (docs/protocol.md, Groups and public values). */
export function defaultGroups(): Group[] {
  return DEFAULT_GROUPS.map(namedGroup)
}

/**
 * A named group, or else the group in a PEM file, checked with OpenSSL's primality test (a quarter of a second for 2048
 * bits, two seconds for 4096).
 *
 * @throws {ChatError} `unknown-group` when it is neither a name nor a file, `unreadable`, `bad-group-file`, `weak-group`
 */
export async function loadGroup(nameOrFile: string): Promise<Group> {
  if (groupNames.includes(nameOrFile)) return namedGroup(nameOrFile)
  try {
    return checkGroup(parseGroupPem(await readGroupFile(nameOrFile)), byOpenSsl)
  } catch (error) {
    if (!(error instanceof ChatError && ['bad-group-file', 'weak-group'].includes(error.code))) throw error
    const hint = `use a named group, or make one: ${typedCommand('dh-params', '--out FILE')}`
    throw new ChatError(error.code, error.message, { cause: error, hint })
  }
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
