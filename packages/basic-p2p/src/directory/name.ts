import { ChatError } from '@p2p-secure-chat/core/errors'

const NAME = /^[a-z0-9][a-z0-9._-]{0,31}$/

/** Whether this is a valid name. */
export function isName(text: string): boolean {
  return NAME.test(text)
}

/**
 * Checks a name that the other side sent.
 *
 * @throws {ChatError} `bad-name`
 */
export function checkName(name: string): string {
  if (!isName(name)) throw new ChatError('bad-name', `${JSON.stringify(name.slice(0, 64))} is not a name`)
  return name
}

/**
 * Reads a name that a person typed: upper case counts as lower case.
 *
 * @throws {ChatError} `bad-name`
 */
export function parseName(text: string): string {
  return checkName(text.toLowerCase())
}
