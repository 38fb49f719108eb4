import { userInfo } from 'node:os'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { askText } from '@p2p-secure-chat/core/input/questions'
import { isName, parseName } from '../directory/name.ts'

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
