import { constants } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'
import { askText } from '@p2p-secure-chat/core/input/questions'
import { isName, parseName } from '../directory/name.ts'

/** No name starts with a dot, so this cannot be anybody's folder. */
const LAST_NAME_FILE = '.last-name'

/** What is known before the question. */
export interface NameQuestion {
  /** Suggestions, the best first; null for a missing one. */
  readonly suggestions: readonly (string | null)[]
  /** Returns why a name is unavailable, or null if this machine knows no reason. */
  readonly refuse: (name: string) => Promise<string | null>
}

/** Asks for a name until it is valid and available. */
export async function askName({ suggestions, refuse }: NameQuestion): Promise<string> {
  let suggestion: string | undefined
  for (const name of suggestions) {
    if (suggestion === undefined && name !== null && (await refuse(name)) === null) suggestion = name
  }
  const answer = await askText({
    message: 'Your name:',
    suggestion,
    async check(answer) {
      try {
        return await refuse(parseName(answer.trim()))
      } catch (error) {
        rethrowUnless(error)
        return error.hint
      }
    },
  })
  return parseName(answer.trim())
}

/** The user's login name, made valid; null if nothing is left of it. */
export function userName(name: string = systemName()): string | null {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  const valid = plain
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 32)
    .replace(/-+$/, '')
  return isName(valid) ? valid : null
}

function systemName(): string {
  try {
    return userInfo().username
  } catch {
    // A process may run under a user id without a user.
    return ''
  }
}

/** The name last used in this home, only as a suggestion; null if there is none. */
export async function readLastName(home: string): Promise<string | null> {
  const name = (await readRegular(join(home, LAST_NAME_FILE)).catch(() => '')).trimEnd()
  return isName(name) ? name : null
}

async function readRegular(path: string): Promise<string> {
  const handle = await openRegularFile(path, constants.O_RDONLY)
  try {
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** Remembers the name for next time. If the home is not writable, only the suggestion is lost. */
export async function keepLastName(home: string, name: string): Promise<void> {
  await writeRegular(join(home, LAST_NAME_FILE), `${name}\n`).catch(() => undefined)
}

async function writeRegular(path: string, text: string): Promise<void> {
  // In a shared folder, another user may have put a link to one of our files in its place.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW
  const handle = await openRegularFile(path, flags)
  try {
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
}
