import { constants } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'
import { askText } from '@p2p-secure-chat/core/input/questions'
import { isName, parseName } from '../directory/name.ts'

/** No name begins with a point, so this is nobody's folder. */
const LAST_NAME_FILE = '.last-name'

/** What is known before somebody is asked for their name. */
export interface NameQuestion {
  /** Suggestions, the best first; null where there is none. */
  readonly suggestions: readonly (string | null)[]
  /** Why a name can not be had, null when it can as far as this machine knows. */
  readonly refuse: (name: string) => Promise<string | null>
}

/** Asks a person for their name until it is one and is not refused. */
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

/** The name by which the operating system knows the user, made valid; null where nothing is left of it. */
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
    // A process may run under a number that no user has.
    return ''
  }
}

/** The name that was used last in this home; null when none is known. It is a suggestion and nothing else. */
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

/** Keeps the name for the next time. A home that does not take it loses nothing but the suggestion. */
export async function keepLastName(home: string, name: string): Promise<void> {
  await writeRegular(join(home, LAST_NAME_FILE), `${name}\n`).catch(() => undefined)
}

async function writeRegular(path: string, text: string): Promise<void> {
  // In a sticky home, a link in its place may be another user's, to a file of ours.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW
  const handle = await openRegularFile(path, flags)
  try {
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
}
