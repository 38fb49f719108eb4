import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { expandTilde, userFolder, wholePath } from '@p2p-secure-chat/core/files/user-folder'

/** What the home is called in the user's own folder, hidden there, and where data of programs is kept. */
const HIDDEN = '.p2p-secure-chat'
const SHOWN = 'p2p-secure-chat'

/**
 * The folder of identities: the one that was given, else `~/.p2p-secure-chat` if it exists, else
 * `$XDG_DATA_HOME/p2p-secure-chat` (XDG Base Directory Specification: an empty or a relative value counts as none), else
 * `~/.p2p-secure-chat`.
 *
 * @param given after `--home`; a shell leaves the tilde of `--home=~/chat` alone
 * @param env as of process.env
 * @throws {ChatError} `usage` where nothing says where it is
 */
export function homeFolder(given: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  if (given !== undefined) return wholePath(expandTilde(given))
  const user = userFolder(env)
  const usual = user === null ? null : join(user, HIDDEN)
  if (usual !== null && existsSync(usual)) return usual
  const data = env['XDG_DATA_HOME'] ?? ''
  if (isAbsolute(data)) return join(data, SHOWN)
  if (usual !== null) return usual
  throw new ChatError('usage', 'you have no home folder: HOME names none, and neither does your account', {
    hint: 'say with --home DIR where your keys and known peers are kept',
  })
}
