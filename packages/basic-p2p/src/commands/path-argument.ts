import { ChatError } from '@p2p-secure-chat/core/errors'
import { expandTilde } from '@p2p-secure-chat/core/files/user-folder'
import { printableJson } from '@p2p-secure-chat/core/terminal/json-line'

/** A path that would be read as something else, or could not be typed, as it is. */
const NEEDS_QUOTES = /^[\s"]|[\p{C}\p{Zl}\p{Zp}]|\s$/u

/**
 * Reads the path that is the argument of a command: the rest of the line as it is, blanks included, or a JSON string
 * in double quotes for anything else. `~/` is the user's home, except in quotes.
 *
 * @returns null for none
 * @throws {ChatError} `usage` for quotes that are not those of a JSON string
 */
export function readPath(rest: string): string | null {
  const text = rest.trim()
  if (text === '') return null
  return text.startsWith('"') ? unquote(text) : expandTilde(text)
}

/** What readPath() reads as the same path, and a terminal can show. */
export function writePath(path: string): string {
  return NEEDS_QUOTES.test(path) ? printableJson(expandTilde(path)) : path
}

function unquote(text: string): string {
  let path: unknown
  try {
    path = JSON.parse(text)
  } catch (cause) {
    throw new ChatError('usage', `the quotes around the path ${text} are not those of a JSON string`, { cause })
  }
  if (typeof path !== 'string') throw new ChatError('usage', 'a path is one JSON string')
  return path
}
