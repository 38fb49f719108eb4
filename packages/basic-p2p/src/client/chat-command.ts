import { ChatError } from '@p2p-secure-chat/core/errors'
import type { ChatEngine } from '../chat/chat-engine.ts'
import type { DirectoryClient } from '../directory/directory-client.ts'
import { parseName } from '../directory/name.ts'
import type { Presenter } from './presenter.ts'

/** What a command works on. */
export interface CommandContext {
  readonly engine: ChatEngine
  readonly directory: DirectoryClient
  readonly presenter: Presenter
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
  /** @throws {ChatError} why it could not be done */
  run(rest: string, context: CommandContext): Promise<void>
}

/**
 * Reads a name argument; without one, what `fallback` offers.
 *
 * @throws {ChatError} `bad-name`, or `usage` when there is neither
 */
export function nameArgument(rest: string, command: ChatCommand, fallback: string | null | undefined): string {
  if (rest !== '') return parseName(rest)
  if (fallback) return fallback
  throw new ChatError('usage', `usage: /${command.name} ${command.usage}`)
}

const who: ChatCommand = {
  name: 'who',
  usage: '[PREFIX] [AFTER]',
  help: 'who is online; a long list comes in pages',
  async run(rest, { directory, presenter }) {
    const [prefix = '', after = ''] = rest.toLowerCase().split(/\s+/)
    await presenter.show({ event: 'users', ...(await directory.who(prefix, after)) })
  },
}

const chat: ChatCommand = {
  name: 'chat',
  usage: 'NAME',
  help: 'call somebody, and talk to them from now on',
  async run(rest, context) {
    const peer = nameArgument(rest, chat, null)
    if (await context.engine.call(peer)) context.selected = peer
  },
}

const accept: ChatCommand = {
  name: 'accept',
  usage: '[NAME]',
  help: 'take a call (the latest), and talk to them from now on',
  async run(rest, context) {
    const peer = nameArgument(rest, accept, context.engine.ringing.at(-1))
    await context.engine.accept(peer)
    context.selected = peer
  },
}

const decline: ChatCommand = {
  name: 'decline',
  usage: '[NAME]',
  help: 'do not take a call (the latest)',
  run: (rest, { engine }) => engine.decline(nameArgument(rest, decline, engine.ringing.at(-1))),
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
    const [, name = '', text = ''] = /^(\S+)\s([\s\S]+)$/.exec(rest) ?? []
    const peer = nameArgument(name, msg, null)
    await engine.call(peer)
    await engine.say(peer, text)
  },
}

const leave: ChatCommand = {
  name: 'leave',
  usage: '',
  help: 'say goodbye in the present conversation',
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
    const wanted = rest.replace(/^\//, '')
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
