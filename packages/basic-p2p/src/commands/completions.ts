import { type CompletionChoice, NO_OFFER, type CompletionOffer } from '@p2p-secure-chat/core/input/complete-word'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { DirectoryClient } from '../directory/directory-client.ts'
import type { ChatEngine } from '../chat/chat-engine.ts'
import type { Argument, ChatCommand } from './chat-command.ts'
import { pathCompletions } from './path-argument.ts'
import { settingWords } from './preferences.ts'

/** How long Tab waits for a directory or a disk, in milliseconds; keys pressed meanwhile wait, too. */
const PATIENCE = 500

/** Longest name, in characters. */
const MAX_NAME_LENGTH = 32

/** The state behind completions. */
export interface Completed {
  /** Our own name, which is never offered. */
  readonly name: string
  readonly commands: readonly ChatCommand[]
  readonly directory: Pick<DirectoryClient, 'who'>
  readonly engine: Pick<ChatEngine, 'open' | 'calling'>
  /** Names seen so far, for when the directory does not answer. */
  readonly names: () => Iterable<string>
}

/** What Tab offers at the end of `before`: commands, then their arguments. */
export async function completions(before: string, context: Completed): Promise<CompletionOffer> {
  const typed = before.trimStart()
  if (/^\/\S*$/.test(typed)) return words(typed, commandWords(context.commands, '/'))
  const [, name = '', rest = ''] = /^\/(\S+)\s+([^]*)$/.exec(typed) ?? []
  const command = context.commands.find(known => known.name === name.toLowerCase())
  return command === undefined ? NO_OFFER : OFFERS[command.argument](rest, context, command)
}

type Offering = (rest: string, context: Completed, command: ChatCommand) => CompletionOffer | Promise<CompletionOffer>

/** Offers for each kind of argument. */
const OFFERS: Readonly<Record<Argument, Offering>> = {
  nothing: () => NO_OFFER,
  name: offerNames,
  prefix: offerNames,
  message: offerNames,
  path: rest => withDeadline(pathCompletions(rest), PATIENCE, 'the list of files').catch(() => NO_OFFER),
  command: (rest, { commands }) => words(rest, commandWords(commands, rest.startsWith('/') ? '/' : '')),
  setting: rest => words(rest.split(/\s+/).at(-1) ?? '', settingWords(rest)),
}

async function offerNames(rest: string, context: Completed, { among }: ChatCommand): Promise<CompletionOffer> {
  if (/\s/.test(rest)) return NO_OFFER
  const others = among?.(context.engine) ?? (await names(rest.toLowerCase(), context))
  return words(
    rest,
    others.filter(other => other !== context.name),
  )
}

function commandWords(commands: readonly ChatCommand[], slash: string): string[] {
  return commands.map(({ name }) => `${slash}${name}`)
}

/** Offers the candidates that start with the word. */
function words(word: string, candidates: readonly string[]): CompletionOffer {
  const start = word.toLowerCase()
  const choices = candidates
    .filter(candidate => candidate.startsWith(start))
    .map((label): CompletionChoice => ({ text: `${label} `, label }))
  return { word, choices }
}

/** Online users whose names start with the prefix; if the directory is slow, all names seen so far. */
async function names(prefix: string, { directory, names: heardOf }: Completed): Promise<string[]> {
  if (prefix.length > MAX_NAME_LENGTH) return [...heardOf()]
  try {
    const { users } = await withDeadline(directory.who(prefix), PATIENCE, 'the list of names')
    return users.map(({ name }) => name)
  } catch {
    return [...heardOf()]
  }
}
