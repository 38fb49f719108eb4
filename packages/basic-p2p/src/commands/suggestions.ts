import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Command } from 'commander'
import type { DirectoryClient } from '../directory/directory-client.ts'
import type { ChatCommand } from './chat-command.ts'

/** Words with more slips between them are different words. */
const MOST_SLIPS = 2

/**
 * Counts the typing slips between two words: a letter added, missing, wrong, or two neighbours swapped (the optimal string
 * alignment distance).
 */
export function slips(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1]
      let least = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1))
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) {
        least = Math.min(least, at(beforeLast, column - 2) + 1)
      }
      current.push(least)
    }
    beforeLast = last
    last = current
  }
  return at(last, other.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity
}

/** The word that was probably meant: the first of the closest, if close enough. Short words must be closer. */
export function closeMatch(word: string, words: Iterable<string>): string | null {
  let best: string | null = null
  let least = Math.min(MOST_SLIPS, Math.floor(word.length / 2)) + 1
  for (const other of words) {
    // A greater difference in length is a greater distance.
    if (Math.abs(other.length - word.length) >= least) continue
    const distance = slips(word, other)
    if (distance < least) {
      least = distance
      best = other
    }
  }
  return best
}

/** How much of a wrong word is repeated, in UTF-16 code units. */
const SHORT = 40

/**
 * A `usage` error for an unknown name, with the one that was probably meant.
 *
 * @param kind in a word: `command`, `setting`
 */
export function noSuch(kind: string, name: string, known: Iterable<string>, hint?: string): ChatError {
  const message = `there is no ${kind} ${didYouMean(shortened(name), closeMatch(name, known))}`
  return new ChatError('usage', message, hint === undefined ? {} : { hint })
}

/** As noSuch(), for a word on the command line in the place of a subcommand. */
export function noSuchSubcommand(word: string, { commands }: Command, hint?: string): ChatError {
  const names = commands.map(command => command.name())
  return noSuch('command', word, names, hint)
}

/** Makes a program that consists of subcommands refuse any other word, in the place of its action and of its help. */
export function refuseOtherWords(program: Command): void {
  /** @throws {ChatError} `usage` */
  function refuse(): void {
    const word = program.args.find(arg => !arg.startsWith('-'))
    const known = ['help', ...program.commands.map(command => command.name())]
    if (word !== undefined && !known.includes(word)) throw noSuchSubcommand(word, program)
  }
  for (const event of ['command:*', 'beforeAllHelp']) program.on(event, refuse)
}

function didYouMean(said: string, meant: string | null): string {
  return meant === null ? said : `${said}; did you mean ${meant}?`
}

/** A word, shortened but still recognisable. */
function shortened(said: string): string {
  return said.length <= SHORT ? said : `${said.slice(0, SHORT)}...`
}

/** Commands that need keys, which the basic rung lacks. */
const NEED_KEYS: ReadonlySet<string> = new Set(['verify', 'peers', 'forget', 'invite', 'log'])

/** An `unknown-command` error, with the command that was probably meant. */
export function noSuchCommand(name: string, commands: readonly ChatCommand[]): ChatError {
  if (NEED_KEYS.has(name)) {
    return new ChatError('unknown-command', `there is no /${name} here: nobody in this chat has a key`)
  }
  const meant = closeMatch(
    name,
    commands.map(command => command.name),
  )
  const said = `/${shortened(name)}`
  return new ChatError('unknown-command', `there is no ${didYouMean(said, meant === null ? null : `/${meant}`)}`)
}

/**
 * Adds to an `unknown-user` error the online user who was probably meant, out of one page of names with the same first
 * letter and one page of all. Returns any other error as it is, and this one if no name is close.
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
