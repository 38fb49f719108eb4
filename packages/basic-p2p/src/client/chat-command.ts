import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { BlockedPeers } from '../chat/blocked-peers.ts'
import type { ChatEngine } from '../chat/chat-engine.ts'
import type { DirectoryClient } from '../directory/directory-client.ts'
import { isInvite } from '../directory/invite.ts'
import { parseName } from '../directory/name.ts'
import type { ExpectKey } from './expect-key.ts'
import type { Presenter } from './presenter.ts'
import { takeInvite } from './take-invite.ts'

/** What a command works on. */
export interface CommandContext {
  readonly engine: ChatEngine
  readonly directory: DirectoryClient
  /** The directory's address as it was given. */
  readonly directoryAddress: Address
  /** Lets no other key than that of the invite answer or call in its name; null where peers have no keys. */
  readonly expectKey: ExpectKey | null
  /** Whose calls are not taken. */
  readonly blocked: BlockedPeers
  readonly presenter: Presenter
  /** Whether a person sits at a terminal, and can be asked. */
  readonly interactive: boolean
  /** To whom a plain line goes; null when there is nobody. */
  selected: string | null
  /** Every command there is, for /help and for Tab. */
  readonly commands: readonly ChatCommand[]
  /** Asks the person for a yes; false where nobody can be asked. */
  confirm(question: string): Promise<boolean>
  /** Ends the client in order. */
  quit(): void
}

/** One thing a person can ask for with a slash. */
export interface ChatCommand {
  readonly name: string
  /** The arguments as help shows them. */
  readonly usage: string
  readonly help: string
  /**
   * @param rest what stands behind the command and one blank
   * @throws {ChatError} why it could not be done
   */
  run(rest: string, context: CommandContext): Promise<void>
}

/**
 * Reads a name argument; without one, what `fallback` offers.
 *
 * @throws {ChatError} `bad-name`, or `usage` when there is neither
 */
export function nameArgument(rest: string, command: ChatCommand, fallback: string | null | undefined): string {
  const name = rest.trim()
  if (name !== '') return parseName(name)
  if (fallback) return fallback
  throw new ChatError('usage', `usage: /${command.name} ${command.usage}`)
}

/**
 * Says one thing to somebody, who is called if needed.
 *
 * @throws {ChatError} `undelivered` when they do not take the call, `self-call`, or what say() throws
 */
export async function sayTo(peer: string, text: string, engine: ChatEngine): Promise<void> {
  if (!(await engine.call(peer))) throw new ChatError('undelivered', `the text for ${peer} was not sent`)
  await engine.say(peer, text)
}

const who: ChatCommand = {
  name: 'who',
  usage: '[PREFIX] [AFTER]',
  help: 'who is online; names that start with PREFIX (* for any) and come AFTER that one',
  async run(rest, { directory, presenter }) {
    const [start = '*', after = ''] = rest.toLowerCase().split(/\s+/).filter(Boolean)
    const prefix = start === '*' ? '' : start
    if (Math.max(prefix.length, after.length) > 32)
      throw new ChatError('bad-name', 'no name is longer than 32 characters')
    await presenter.show({ event: 'users', prefix, ...(await directory.who(prefix, after)) })
  },
}

const chat: ChatCommand = {
  name: 'chat',
  usage: 'NAME|INVITE',
  help: 'call somebody, and talk to them from now on',
  async run(rest, context) {
    const invite = rest.trim()
    const peer = isInvite(invite) ? await takeInvite(invite, context) : nameArgument(rest, chat, null)
    // At once and not when they answer: what is being typed then must not change its addressee under the fingers.
    context.selected = peer
    await context.engine.call(peer)
  },
}

const accept: ChatCommand = {
  name: 'accept',
  usage: '[NAME]',
  help: 'take a call (the latest), and talk to them from now on',
  async run(rest, context) {
    const peer = nameArgument(rest, accept, latestCaller(context.engine))
    await context.engine.accept(peer)
    context.selected = peer
  },
}

const decline: ChatCommand = {
  name: 'decline',
  usage: '[NAME]',
  help: 'do not take a call (the latest)',
  run: async (rest, { engine }) => engine.decline(nameArgument(rest, decline, latestCaller(engine))),
}

function latestCaller({ ringing }: ChatEngine): string {
  const caller = ringing.at(-1)
  if (caller === undefined) throw new ChatError('no-conversation', 'nobody is calling')
  return caller
}

const switchTo: ChatCommand = {
  name: 'switch',
  usage: 'NAME',
  help: 'talk to somebody else whose conversation is open',
  async run(rest, context) {
    const peer = nameArgument(rest, switchTo, null)
    if (!context.engine.open.includes(peer)) {
      throw new ChatError('no-conversation', `there is no conversation with ${peer}`)
    }
    context.selected = peer
  },
}

const msg: ChatCommand = {
  name: 'msg',
  usage: 'NAME TEXT',
  help: 'say one thing to somebody; calls them if needed, never switches',
  async run(rest, { engine }) {
    const [, name = '', text = ''] = /^\s*(\S+)\s([^]+)$/.exec(rest) ?? []
    await sayTo(nameArgument(name, msg, null), text, engine)
  },
}

const leave: ChatCommand = {
  name: 'leave',
  usage: '',
  help: 'end the conversation you are in',
  async run(_rest, { engine, selected }) {
    if (selected === null) throw new ChatError('no-conversation', 'no conversation is selected')
    await engine.leave(selected)
  },
}

const help: ChatCommand = {
  name: 'help',
  usage: '[COMMAND]',
  help: 'this list',
  async run(rest, { commands, presenter }) {
    const wanted = rest.trim().replace(/^\//, '')
    const shown = wanted === '' ? commands : commands.filter(command => command.name === wanted)
    if (shown.length === 0) throw new ChatError('unknown-command', `there is no /${wanted}`)
    const rows = shown.map(command => [`/${command.name} ${command.usage}`.trimEnd(), command.help] as const)
    const width = Math.max(...rows.map(([usage]) => usage.length))
    const lines = rows.map(([usage, text]) => `${usage.padEnd(width)}  ${text}`)
    presenter.note([...lines, ...(wanted === '' ? ['//x sends the text /x'] : [])].join('\n'))
  },
}

const quit: ChatCommand = {
  name: 'quit',
  usage: '',
  help: 'say goodbye to everyone and leave',
  async run(_rest, { quit }) {
    quit()
  },
}

/** The commands of every rung. */
export const commonCommands: readonly ChatCommand[] = [who, chat, accept, decline, switchTo, msg, leave, help, quit]
