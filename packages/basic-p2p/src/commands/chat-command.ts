import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { BlockedPeers } from '../chat/blocked-peers.ts'
import type { ChatEvent } from '../chat/chat-event.ts'
import type { ChatEngine } from '../chat/chat-engine.ts'
import type { DirectoryClient } from '../directory/directory-client.ts'
import type { ExpectKey } from '../directory/invite.ts'
import { parseName } from '../directory/name.ts'
import type { Preferences } from './preferences.ts'

/** Shows a chat to whoever uses it: a person at a terminal, a pipe, a script that reads JSON. */
export interface Presenter {
  /**
   * Settles when the event was handed to the output: that is when a message counts as received.
   *
   * @throws {ChatError} `unwritable` when nobody reads the output any more
   */
  show(event: ChatEvent): Promise<void>
  /** A remark that is no event, for people. */
  note(text: string): void
  /** Lines to be copied, scanned or read aloud: at a terminal neither dimmed nor broken. */
  verbatim(text: string): void
  /**
   * Rows of equal width that only a camera reads, dark ink on light paper: shown where there is a screen with colours,
   * and room.
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
  /** Lets no other key than that of the invite answer or call in its name; null where peers have no keys. */
  readonly expectKey: ExpectKey | null
  /** Whose calls are not taken. */
  readonly blocked: BlockedPeers
  readonly presenter: Presenter
  /** The person's settings; null where there is no person at a terminal. */
  readonly preferences: Preferences | null
  /** Whether a person sits at a terminal, and can be asked. */
  readonly interactive: boolean
  /** To whom a plain line goes; null when there is nobody. */
  selected: string | null
  /** Every command there is, for /help and for Tab. */
  readonly commands: readonly ChatCommand[]
  /** Asks the person for a yes or a no; Enter alone is neither. False where nobody can be asked. */
  readonly confirm: (question: string) => Promise<boolean>
  /** Ends the client with its goodbyes, once a person whose leaving harms others has said that it is meant. */
  readonly quit: () => void
}

/** What a command is about: /help lists those of a group together. */
export type CommandGroup = 'talking' | 'trust' | 'this program'

/**
 * What stands behind a command. A name is that of somebody else, and a prefix the start of any; a message is a name and
 * a text, and is never kept on disk.
 */
export type Argument = 'nothing' | 'name' | 'prefix' | 'message' | 'path' | 'command' | 'setting'

/** One thing a person can ask for with a slash. */
export interface ChatCommand {
  readonly name: string
  /** The arguments as help shows them. */
  readonly usage: string
  readonly group: CommandGroup
  readonly argument: Argument
  /** Whose names it takes, for Tab; where it is absent, those of all who are online. */
  readonly among?: (engine: Pick<ChatEngine, 'open' | 'calling'>) => readonly string[]
  /** One line for the list. */
  readonly help: string
  /** Two or three sentences for /help COMMAND. */
  readonly description: string
  /** A line that somebody could enter. */
  readonly example: string
  /**
   * @param rest what stands behind the command and one blank
   * @throws {ChatError} why it could not be done
   */
  run(rest: string, context: CommandContext): Promise<void>
}

/** Reads a name argument. @throws {ChatError} `bad-name`, or `usage` when there is none */
export function nameArgument(rest: string, command: ChatCommand): string {
  const name = rest.trim()
  if (name === '') throw misused(command)
  return parseName(name)
}

/** How a command is written. */
export function usageOf({ name, usage }: Pick<ChatCommand, 'name' | 'usage'>): string {
  return `/${name} ${usage}`.trimEnd()
}

/** The error for a command that was written in another way. */
export function misused(command: Pick<ChatCommand, 'name' | 'usage'>, usage = usageOf(command)): ChatError {
  return new ChatError('usage', `usage: ${usage}`, { hint: `/help ${command.name} says more` })
}

/**
 * Says one thing to somebody, who is called if needed.
 *
 * @throws {ChatError} `undelivered` when they do not take the call, `self-call`, or what say() throws
 */
export async function sayTo(peer: string, text: string, engine: ChatEngine): Promise<void> {
  if (!(await engine.call(peer))) {
    throw new ChatError('undelivered', `the text for ${peer} was not sent`, { hint: 'say it again to call them again' })
  }
  await engine.say(peer, text)
}
