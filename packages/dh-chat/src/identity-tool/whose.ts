import { existsSync } from 'node:fs'
import { parseName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { askName, readLastName } from '@p2p-secure-chat/basic-p2p/program/ask-name'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { identityPath } from '../identity/identity-file.ts'

/**
 * Whose identity a command is about: the name that was given, else the answer of a person.
 *
 * @param wanted whether the name has to have an identity already, or must not have one
 * @throws {ChatError} `usage` where there is nobody to ask; `bad-name`
 */
export async function whose(
  given: string | undefined,
  { home, interactive }: { readonly home: string; readonly interactive: boolean },
  wanted: 'present' | 'absent',
): Promise<string> {
  if (given !== undefined) return parseName(given)
  if (!interactive) throw new ChatError('usage', 'whose identity? name it with --name')
  return askName({
    suggestions: [await readLastName(home)],
    async refuse(name) {
      const present = existsSync(identityPath(home, name))
      if (present === (wanted === 'present')) return null
      return `${name} has ${present ? 'an identity already' : 'no identity'} in ${home}`
    },
  })
}
