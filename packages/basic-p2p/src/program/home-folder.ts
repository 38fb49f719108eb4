import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { isName } from '../directory/name.ts'
import { expandTilde, userFolder, absolutePath } from '@p2p-secure-chat/core/files/user-folder'

/** Name of the home in the user's own folder, where it is hidden, and in $XDG_DATA_HOME. */
const HIDDEN = '.p2p-secure-chat'
const SHOWN = 'p2p-secure-chat'

/**
 * The folder of identities: the one that was given, else `~/.p2p-secure-chat` if it exists, else
 * `$XDG_DATA_HOME/p2p-secure-chat` (XDG Base Directory Specification: an empty or relative value counts as unset), else
 * `~/.p2p-secure-chat`.
 *
 * @param given the value of `--home`; shells do not expand the tilde of `--home=~/chat`
 * @param env as of process.env
 * @throws {ChatError} `usage` if there is no home folder; `ambiguous` if none was given, and both of these hold an identity
 * of the same name: neither may be chosen in silence; `unreadable` if one of these cannot be read
 */
export function homeFolder(given: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  if (given !== undefined) return absolutePath(expandTilde(given))
  const user = userFolder(env)
  const usual = user === null ? null : join(user, HIDDEN)
  const data = env['XDG_DATA_HOME'] ?? ''
  const other = isAbsolute(data) ? join(data, SHOWN) : null
  if (usual !== null && existsSync(usual)) {
    if (other !== null) refuseTwins(usual, other)
    return usual
  }
  if (other !== null) return other
  if (usual !== null) return usual
  throw new ChatError('usage', 'you have no home folder: neither HOME nor your account names one', {
    hint: 'use --home DIR to say where your keys and known peers are kept',
  })
}

/** In the folder of a name. */
export const IDENTITY_FILE = 'identity.pem'

/** One file that both reach by a symbolic link is no twin. @throws {ChatError} `ambiguous`, `unreadable` */
function refuseTwins(home: string, other: string): void {
  const elsewhere = namesIn(other)
  const file = (folder: string, name: string) => realpathSync(join(folder, name, IDENTITY_FILE))
  const twin = namesIn(home).find(name => elsewhere.includes(name) && file(home, name) !== file(other, name))
  if (twin === undefined) return
  throw new ChatError('ambiguous', `there are two identities named ${twin}: in ${home} and in ${other}`, {
    hint: 'say which folder to use with --home DIR, or move one of the two away',
  })
}

/** The names that have an identity in that home, which need not exist yet. @throws {ChatError} `unreadable` */
export function namesIn(home: string): readonly string[] {
  try {
    return readdirSync(home)
      .filter(name => isName(name) && existsSync(join(home, name, IDENTITY_FILE)))
      .sort()
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return []
    throw fileError('unreadable', home, cause)
  }
}
