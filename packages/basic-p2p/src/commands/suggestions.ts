import { ChatError } from '@p2p-secure-chat/core/errors'
import type { DirectoryClient } from '../directory/directory-client.ts'
import type { ChatCommand } from './chat-command.ts'
import { closeMatch } from './close-match.ts'
import { didYouMean, shortened } from './no-such.ts'

/** Commands that take keys, which the rung without keys does not have. */
const NEED_KEYS: ReadonlySet<string> = new Set(['verify', 'peers', 'forget', 'invite', 'log'])

/** An `unknown-command` that names the one that was meant, most likely. */
export function noSuchCommand(name: string, commands: readonly ChatCommand[]): ChatError {
  if (NEED_KEYS.has(name)) {
    return new ChatError('unknown-command', `there is no /${name} in this chat, in which nobody has a key`)
  }
  const meant = closeMatch(
    name,
    commands.map(command => command.name),
  )
  const said = `/${shortened(name)}`
  return new ChatError('unknown-command', `there is no ${didYouMean(said, meant === null ? null : `/${meant}`)}`)
}

/**
 * An `unknown-user` that names who was meant, most likely, among those who are online: a page of names with the same
 * first letter and one of all. Any other error comes back as it is, and so does this one when nobody is close.
 */
export async function withSuggestion(
  error: ChatError,
  name: string,
  directory: Pick<DirectoryClient, 'who'>,
): Promise<ChatError> {
  if (error.code !== 'unknown-user') return error
  const pages = await Promise.all([directory.who(name.slice(0, 1)), directory.who('')]).catch(() => [])
  const names = pages.flatMap(({ users }) => users.map(user => user.name)).filter(other => other !== name)
  const meant = closeMatch(name, names)
  if (meant === null) return error
  return new ChatError('unknown-user', didYouMean(error.message, meant), { cause: error, hint: error.hint })
}
