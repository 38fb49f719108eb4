import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { BlockedPeers } from '../chat/blocked-peers.ts'
import type { ChatEvent } from '../chat/chat-event.ts'
import type { ChatEngine } from '../chat/chat-engine.ts'
import type { DirectoryClient } from '../directory/directory-client.ts'
import type { ExpectKey } from '../directory/invite.ts'
import { parseName } from '../directory/name.ts'
import type { Preferences } from './preferences.ts'

/** Shows a chat to its user: a person at a terminal, a pipe, or a script that reads JSON. */
export interface Presenter {
  /**
   * Settles when the output has the event: then a message counts as received.
   *
   * @throws {ChatError} `unwritable` if nobody reads the output any more
   */
  show(event: ChatEvent): Promise<void>
  /** Shows a remark for people that is not an event. */
  note(text: string): void
  /** Shows what the user has asked for, where it is not an event. */
  answer(text: string): void
  /** Shows such lines to be copied, scanned or read aloud: at a terminal neither dimmed nor wrapped. */
  verbatim(text: string): void
  /**
   * Shows rows of equal width for a camera, dark ink on light paper, if the screen has colours and is wide enough.
   */
  picture(rows: readonly string[]): void
}

/** What a command works on. */
export interface CommandContext {
  /** Our own name. */
  readonly name: string
  readonly engine: ChatEngine
  readonly directory: DirectoryClient
  /** The directory's address as it was given. */
  readonly directoryAddress: Address
  /** Pins the key of an invite to its name; null if peers have no keys. */
  readonly expectKey: ExpectKey | null
  /** Peers whose calls are refused. */
  readonly blocked: BlockedPeers
  readonly presenter: Presenter
  /** The person's settings; null without a person at a terminal. */
  readonly preferences: Preferences | null
  /** Whether a person at a terminal can be asked. */
  readonly interactive: boolean
  /** Addressee of a plain line; null for nobody. */
  selected: string | null
  /** All commands, for /help and Tab. */
  readonly commands: readonly ChatCommand[]
  /** Asks a yes-or-no question; Enter alone is neither. False if there is nobody to ask. */
  readonly confirm: (question: string) => Promise<boolean>
  /** Says the goodbyes and ends the client. If leaving harms others, the person has to confirm first. */
  readonly quit: () => void
}

/** The headings of /help. */
export type CommandGroup = 'talking' | 'trust' | 'this program'

/**
 * What follows a command. A name is that of somebody else, a prefix the start of any name. A message is a name and a text,
 * and is never kept on disk.
 */
export type Argument = 'nothing' | 'name' | 'prefix' | 'message' | 'path' | 'command' | 'setting'

/** A command that a person enters after a slash. */
export interface ChatCommand {
  readonly name: string
  /** The arguments, as shown by /help. */
  readonly usage: string
  readonly group: CommandGroup
  readonly argument: Argument
  /** Names that Tab offers; if absent, everyone online. */
  readonly among?: (engine: Pick<ChatEngine, 'open' | 'calling'>) => readonly string[]
  /** One line for the list. */
  readonly help: string
  /** Two or three sentences for /help COMMAND. */
  readonly description: string
  /** A line to enter. */
  readonly example: string
  /**
   * @param rest the line after the command and one space
   * @throws {ChatError} why it failed
   */
  run(rest: string, context: CommandContext): Promise<void>
}

/** Reads a name argument. @throws {ChatError} `bad-name`, or `usage` if there is none */
export function nameArgument(rest: string, command: ChatCommand): string {
  const name = rest.trim()
  if (name === '') throw misused(command)
  return parseName(name)
}

/** A command and its arguments, as shown by /help. */
export function usageOf({ name, usage }: Pick<ChatCommand, 'name' | 'usage'>): string {
  return `/${name} ${usage}`.trimEnd()
}

/** A `usage` error that shows how to write the command. */
export function misused(command: Pick<ChatCommand, 'name' | 'usage'>, usage = usageOf(command)): ChatError {
  return new ChatError('usage', `usage: ${usage}`, { hint: `/help ${command.name} says more` })
}

/**
 * Sends somebody one text, calling them first if needed.
 *
 * @throws {ChatError} `undelivered` if they do not accept the call, `self-call`, or what say() throws
 */
export async function sayTo(peer: string, text: string, engine: ChatEngine): Promise<void> {
  if (!(await engine.call(peer))) {
    throw new ChatError('undelivered', `the text to ${peer} was not sent`, { hint: 'send it again to call them again' })
  }
  await engine.say(peer, text)
}
