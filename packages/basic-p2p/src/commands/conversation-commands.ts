import { basename } from 'node:path'
import { contained } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { absolutePath } from '@p2p-secure-chat/core/files/user-folder'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import { printableName } from '@p2p-secure-chat/core/terminal/printable'
import { noneSelected, notOpen } from '../chat/no-conversation.ts'
import { formatInvite, isInvite, parseInvite } from '../directory/invite.ts'
import { outsideAddress } from '../directory/usable-address.ts'
import { FILES_AT_ONCE } from '../files/transfer.ts'
import { accept, cancel, decline } from './answer-commands.ts'
import { choose, placedCalls } from './candidates.ts'
import { type ChatCommand, type CommandContext, misused, nameArgument, sayTo } from './chat-command.ts'
import { withoutInvisible } from './parse-line.ts'
import { readPath } from './path-argument.ts'

const chat: ChatCommand = {
  name: 'chat',
  usage: 'NAME|INVITE',
  group: 'talking',
  argument: 'name',
  help: 'call somebody and talk to them',
  description:
    'Calls somebody, and sends what you type to them from now on. They see your call and answer with /accept. An invite contains their fingerprint, so nobody else can answer under that name.',
  example: '/chat bob',
  async run(rest, context) {
    const invite = rest.trim()
    const peer = isInvite(invite) ? await acceptInvite(invite, context) : nameArgument(rest, chat)
    // At once, not when they answer: a line that is being typed must not change its addressee.
    context.selected = peer
    await context.engine.call(peer)
  },
}

/**
 * Accepts an invite in a running client, which from then on rejects every other key under that name.
 *
 * @returns the name to call
 * @throws {ChatError} `bad-invite`, also for a directory other than ours; `usage` on a rung without keys; `self-call` for
 * our own invite; `wrong-peer` if a conversation under that name is open with another key; what expectKey throws
 */
async function acceptInvite(text: string, context: CommandContext): Promise<string> {
  const { name, directory, directoryAddress, expectKey, engine } = context
  if (expectKey === null) throw new ChatError('usage', 'invites need keys, and this chat has none')
  const invite = parseInvite(text)
  if (invite.name === name) throw new ChatError('self-call', 'this invite is your own')
  const here = [
    directoryAddress,
    { host: directory.host, port: directoryAddress.port },
    outsideAddress(directoryAddress, directory),
  ]
  const isHere = (address: Address | null) =>
    address !== null && formatInvite({ ...invite, directory: address }) === formatInvite(invite)
  if (!here.some(isHere)) {
    const wanted = formatAddress(invite.directory)
    throw new ChatError('bad-invite', `${invite.name} is at the directory ${wanted}, and you are at another one`, {
      hint: 'start a client with --to and the invite: it uses that directory',
    })
  }
  const talking = engine.security(invite.name)
  if (talking !== null && talking.fingerprint !== invite.fingerprint) {
    throw new ChatError(
      'wrong-peer',
      `the person you are talking to as ${invite.name} has a key other than the one in the invite`,
    )
  }
  await expectKey(invite.name, invite.fingerprint)
  return invite.name
}

const switchTo: ChatCommand = {
  name: 'switch',
  usage: '[NAME]',
  group: 'talking',
  argument: 'name',
  among: ({ open }) => open,
  help: 'go to another open conversation',
  description:
    'Sends what you type to another person you have an open conversation with, and marks their texts as read. Without a name it goes to the other conversation, or lists them if there are several.',
  example: '/switch carol',
  async run(rest, context) {
    const { engine } = context
    const peer = rest.trim() === '' ? theOther(context) : nameArgument(rest, switchTo)
    if (!engine.open.includes(peer)) throw notOpen(peer, engine)
    context.selected = peer
    if (rest.trim() === '') context.presenter.note(`you are talking to ${peer} now`)
  },
}

/** @throws {ChatError} `no-conversation`; `usage` if there are several */
function theOther({ engine, selected }: CommandContext): string {
  const [other, ...more] = engine.open.filter(peer => peer !== selected)
  if (other === undefined) {
    throw new ChatError('no-conversation', `no ${selected === null ? '' : 'other '}conversation is open`, {
      hint: '/chat NAME opens one',
    })
  }
  if (more.length > 0) {
    throw new ChatError('usage', `several conversations are open: ${[other, ...more].join(', ')}`, {
      hint: '/switch NAME picks one',
    })
  }
  return other
}

const msg: ChatCommand = {
  name: 'msg',
  usage: 'NAME TEXT',
  group: 'talking',
  argument: 'message',
  help: 'send somebody one text, without switching',
  description:
    'Sends one text to somebody and stays in the current conversation. If you have none with them yet, it calls them first.',
  example: '/msg carol are you coming?',
  async run(rest, { engine }) {
    const [, name = '', text = ''] = /^\s*(\S+)\s([^]*\S[^]*)$/.exec(rest) ?? []
    await sayTo(nameArgument(withoutInvisible(name), msg), text, engine)
  },
}

const send: ChatCommand = {
  name: 'send',
  usage: 'FILE',
  group: 'talking',
  argument: 'path',
  help: 'offer a file to the person you are talking to',
  description:
    'Offers a file to the person you are talking to, who accepts it with /accept. The rest of the line is its path; spaces need no quotes. Four files go at once, and more wait for their turn. You can go on talking meanwhile; /cancel stops a file.',
  example: '/send ~/photo.jpg',
  async run(rest, { engine, selected, interactive, presenter }) {
    const path = readPath(rest)
    if (path === null) throw misused(send)
    if (selected === null) throw noneSelected(engine, '/switch NAME')
    const files = engine.files(selected)
    if (files === null) throw notOpen(selected, engine)
    const { id, before } = await files.offer(absolutePath(path))
    // A script gets an event when its turn comes.
    if (!interactive || before === null) return
    const name = printableName(basename(path))
    const others = before === 0 ? '' : `, behind ${before} more`
    presenter.note(`${name} waits for its turn as file ${id}${others}: ${FILES_AT_ONCE} files go at once`)
  },
}

const leave: ChatCommand = {
  name: 'leave',
  usage: '[NAME]',
  group: 'talking',
  argument: 'name',
  among: ({ open, calling }) => [...open, ...calling],
  help: 'end a conversation, or hang up your call',
  description:
    'Says goodbye to somebody, or hangs up while you are still calling them. Without a name it means the person in the prompt, or else the only person you are calling. Other conversations and calls go on.',
  example: '/leave',
  async run(rest, context) {
    const { engine, selected } = context
    const peer = rest.trim() === '' ? (selected ?? (await theCall(context))) : nameArgument(rest, leave)
    if (peer === null) return
    if (!engine.open.includes(peer) && !engine.calling.includes(peer)) throw notOpen(peer, engine)
    await engine.leave(peer)
  },
}

/**
 * Picks the person to hang up on when nobody is selected.
 *
 * @returns null if the user says no
 * @throws {ChatError} `no-conversation` if we are calling nobody, `ambiguous`
 */
async function theCall(context: CommandContext): Promise<string | null> {
  const calls = placedCalls(context.engine)
  if (calls.length === 0) throw noneSelected(context.engine, '/leave NAME')
  const verb = { infinitive: 'hang up', participle: 'hanging up', state: 'are under way' }
  return (await choose(calls, '', leave, verb, context))?.peer ?? null
}

/**
 * Ctrl-C while calling: hangs up on the person in the prompt or, if nobody is selected, on the latest callee.
 *
 * @returns false if there is no such call
 */
export function hangUp({ engine, selected }: Pick<CommandContext, 'engine' | 'selected'>): boolean {
  const peer = selected ?? engine.calling.at(-1)
  if (peer === undefined || !engine.calling.includes(peer)) return false
  contained(engine.leave(peer))
  return true
}

/** The commands of a conversation, from the call to the goodbye. */
export const conversationCommands: readonly ChatCommand[] = [chat, accept, decline, switchTo, msg, leave, send, cancel]
