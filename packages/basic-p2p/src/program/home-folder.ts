import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
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
 * @throws {ChatError} `usage` if there is no home folder
 */
export function homeFolder(given: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  if (given !== undefined) return absolutePath(expandTilde(given))
  const user = userFolder(env)
  const usual = user === null ? null : join(user, HIDDEN)
  if (usual !== null && existsSync(usual)) return usual
  const data = env['XDG_DATA_HOME'] ?? ''
  if (isAbsolute(data)) return join(data, SHOWN)
  if (usual !== null) return usual
  throw new ChatError('usage', 'you have no home folder: neither HOME nor your account names one', {
    hint: 'use --home DIR to say where your keys and known peers are kept',
  })
}
