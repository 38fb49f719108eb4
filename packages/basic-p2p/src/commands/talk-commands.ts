import { contained } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { isInvite } from '../directory/invite.ts'
import { answerCommands } from './answer-commands.ts'
import { choose, placedCalls } from './candidates.ts'
import { type ChatCommand, type CommandContext, nameArgument, sayTo } from './chat-command.ts'
import { noneSelected, notOpen } from '../chat/no-conversation.ts'
import { withoutInvisible } from './parse-line.ts'
import { takeInvite } from './take-invite.ts'

const chat: ChatCommand = {
  name: 'chat',
  usage: 'NAME|INVITE',
  group: 'talking',
  argument: 'name',
  help: 'call somebody, and talk to them',
  description:
    'Calls somebody, and sends what you type to them from now on. They see that you call, and take it with /accept. An invite brings the fingerprint with it, and nobody else can answer in that name.',
  example: '/chat bob',
  async run(rest, context) {
    const invite = rest.trim()
    const peer = isInvite(invite) ? await takeInvite(invite, context) : nameArgument(rest, chat)
    // At once and not when they answer: what is being typed then must not change its addressee under the fingers.
    context.selected = peer
    await context.engine.call(peer)
  },
}

const switchTo: ChatCommand = {
  name: 'switch',
  usage: '[NAME]',
  group: 'talking',
  argument: 'name',
  among: ({ open }) => open,
  help: 'go on in another open conversation',
  description:
    'Sends what you type to somebody else whose conversation is open. The marks of what they said meanwhile go away. Without a name it goes to the other conversation, or lists them where there are several.',
  example: '/switch carol',
  async run(rest, context) {
    const { engine } = context
    const peer = rest.trim() === '' ? theOther(context) : nameArgument(rest, switchTo)
    if (!engine.open.includes(peer)) throw notOpen(peer, engine)
    context.selected = peer
    // Where the prompt does not say it, or nobody chose it.
    if (rest.trim() === '') context.presenter.note(`you talk to ${peer} now`)
  },
}

/** @throws {ChatError} `no-conversation`, or `usage` when there are several */
function theOther({ engine, selected }: CommandContext): string {
  const [other, ...more] = engine.open.filter(peer => peer !== selected)
  if (other === undefined) {
    throw new ChatError('no-conversation', `no ${selected === null ? '' : 'other '}conversation is open`, {
      hint: '/chat NAME opens one',
    })
  }
  if (more.length > 0) {
    throw new ChatError('usage', `several conversations are open: ${[other, ...more].join(', ')}`, {
      hint: '/switch NAME goes to one of them',
    })
  }
  return other
}

const msg: ChatCommand = {
  name: 'msg',
  usage: 'NAME TEXT',
  group: 'talking',
  argument: 'message',
  help: 'say one thing to somebody, without switching',
  description:
    'Sends one text to somebody and stays in the present conversation. If there is none with them yet, they are called first.',
  example: '/msg carol are you coming?',
  async run(rest, { engine }) {
    const [, name = '', text = ''] = /^\s*(\S+)\s([^]*\S[^]*)$/.exec(rest) ?? []
    await sayTo(nameArgument(withoutInvisible(name), msg), text, engine)
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
    'Says goodbye to somebody, or hangs up while you are still calling them. Without a name it means the person in the prompt, or else the only person you are calling. The other conversations and calls stay as they are.',
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
 * Whom to hang up on where nobody is selected.
 *
 * @returns null where the person does not want it
 * @throws {ChatError} `no-conversation` where nobody is being called, `ambiguous`
 */
async function theCall(context: CommandContext): Promise<string | null> {
  const calls = placedCalls(context.engine)
  if (calls.length === 0) throw noneSelected(context.engine, '/leave NAME')
  const verb = { infinitive: 'hang up', participle: 'hanging up', state: 'are under way' }
  return (await choose(calls, '', leave, verb, context))?.peer ?? null
}

/**
 * What Ctrl-C does besides: hangs up on the person whom one is calling, where nobody else is in the prompt; the latest of
 * several.
 *
 * @returns false where there is no such call
 */
export function hangUp({ engine, selected }: Pick<CommandContext, 'engine' | 'selected'>): boolean {
  const peer = selected ?? engine.calling.at(-1)
  if (peer === undefined || !engine.calling.includes(peer)) return false
  contained(engine.leave(peer))
  return true
}

/** The commands by which conversations begin, change places and end. */
export const talkCommands: readonly ChatCommand[] = [chat, ...answerCommands, switchTo, msg, leave]
