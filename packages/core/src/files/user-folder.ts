import { homedir, userInfo } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/**
 * The user's own folder. An empty or a relative HOME counts as none: what is kept there would lie in whatever folder the
 * program was started from.
 *
 * @param env as of process.env
 * @returns null where neither the environment nor the account names one
 */
export function userFolder(env: NodeJS.ProcessEnv = process.env): string | null {
  if (process.platform === 'win32') return absolute(homedir)
  return absolute(() => env['HOME']) ?? absolute(() => userInfo().homedir)
}

/** `~` and `~/...` as a path in the user's folder, where there is one; anything else as it is. */
export function expandTilde(path: string): string {
  if (path !== '~' && !path.startsWith('~/')) return path
  const folder = userFolder()
  return folder === null ? path : join(folder, path.slice(1))
}

function absolute(path: () => string | undefined): string | null {
  try {
    const found = path()
    return found !== undefined && isAbsolute(found) ? found : null
  } catch {
    // A process may run under a number that no account has.
    return null
  }
}

/**
 * A path that means the same wherever the program goes. Where the current folder was removed, a relative one stays as it
 * is, and what uses it fails in words.
 */
export function absolutePath(path: string): string {
  try {
    return resolve(path)
  } catch {
    return path
  }
}
