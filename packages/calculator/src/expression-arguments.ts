import { existsSync } from 'node:fs'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'

/** A minus sign, and then what only an expression can go on with. */
const STARTS_WITH_MINUS = /^-[-−\s]*[\d.(]/

/** A flag of rungs that have keys. */
const KEY_LOG = /^--keylog(?:=|$)/

/** What a shell makes of spaces around an operator: an argument of its own. */
const LONE_OPERATOR = /^[-−+*×/÷%()]$/

/**
 * The expressions among the arguments that are no known options: each argument is one.
 *
 * @throws {ChatError} `usage` for an unknown option, and when one expression was obviously written as several arguments
 */
export function expressionsFrom(args: readonly string[]): readonly string[] {
  const option = args.find(arg => arg.startsWith('-') && arg !== '-' && !STARTS_WITH_MINUS.test(arg))
  if (option !== undefined && KEY_LOG.test(option)) {
    throw new ChatError('usage', 'this rung seals nothing, so --keylog has no keys to write')
  }
  if (option !== undefined) throw new ChatError('usage', `unknown option '${option}'`)
  if (args.length > 1 && args.some(isFragment)) {
    throw new ChatError(
      'usage',
      `each argument is one expression; write it in quotes: ${typedCommand('calc-client', '"2 + 3"')}`,
    )
  }
  return args
}

function isFragment(argument: string): boolean {
  // A shell puts the names of all files here in place of a `*`.
  const isFileName = /\p{L}/u.test(argument) && existsSync(argument)
  return isFileName || LONE_OPERATOR.test(argument)
}
