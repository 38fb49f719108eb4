import { ChatError } from '@p2p-secure-chat/core/errors'
import type { ChatEngine } from '../chat/chat-engine.ts'
import { isInvite } from '../directory/invite.ts'
import { type ChatCommand, type CommandContext, nameArgument, sayTo } from './chat-command.ts'
import { noneSelected, notOpen } from './open-conversations.ts'
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
    const peer = isInvite(invite) ? await takeInvite(invite, context) : nameArgument(rest, chat, null)
    // At once and not when they answer: what is being typed then must not change its addressee under the fingers.
    context.selected = peer
    await context.engine.call(peer)
  },
}

const accept: ChatCommand = {
  name: 'accept',
  usage: '[NAME]',
  group: 'talking',
  argument: 'name',
  help: 'take a call, or else a file (the latest)',
  description:
    'Takes a call, and sends what you type to the caller from now on. Where nobody calls, it takes the file that was offered last. Without a name it is the latest of all.',
  example: '/accept bob',
  async run(rest, context) {
    const { engine } = context
    const peer = nameArgument(rest, accept, latestAsking(engine))
    if (offersOnly(peer, engine)) return engine.files(peer)?.accept()
    await engine.accept(peer)
    context.selected = peer
  },
}

const decline: ChatCommand = {
  name: 'decline',
  usage: '[NAME]',
  group: 'talking',
  argument: 'name',
  help: 'refuse a call, or else a file (the latest)',
  description:
    'Refuses a call, or a file where nobody calls; they are told so. Without a name it is the latest of all.',
  example: '/decline bob',
  async run(rest, { engine }) {
    const peer = nameArgument(rest, decline, latestAsking(engine))
    if (offersOnly(peer, engine)) return engine.files(peer)?.decline()
    await engine.decline(peer)
  },
}

/** Calls come before files: somebody waits there. */
function latestAsking({ ringing, offering }: ChatEngine): string {
  const peer = ringing.at(-1) ?? offering.at(-1)
  if (peer === undefined) {
    throw new ChatError('no-conversation', 'nobody is calling, and nobody offers a file', {
      hint: '/chat NAME calls somebody',
    })
  }
  return peer
}

function offersOnly(peer: string, { ringing, offering }: ChatEngine): boolean {
  return !ringing.includes(peer) && offering.includes(peer)
}

const switchTo: ChatCommand = {
  name: 'switch',
  usage: '[NAME]',
  group: 'talking',
  argument: 'name',
  help: 'go on in another open conversation',
  description:
    'Sends what you type to somebody else whose conversation is open. The marks of what they said meanwhile go away. Without a name it goes to the other conversation, or lists them where there are several.',
  example: '/switch carol',
  async run(rest, context) {
    const { open } = context.engine
    const peer = rest.trim() === '' ? theOther(context) : nameArgument(rest, switchTo, null)
    if (!open.includes(peer)) throw notOpen(peer, open)
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
    await sayTo(nameArgument(withoutInvisible(name), msg, null), text, engine)
  },
}

const leave: ChatCommand = {
  name: 'leave',
  usage: '[NAME]',
  group: 'talking',
  argument: 'name',
  help: 'end a conversation (the one you are in)',
  description:
    'Says goodbye to somebody; without a name, in the conversation that is in the prompt. The other conversations stay open.',
  example: '/leave',
  async run(rest, { engine, selected }) {
    const peer = rest.trim() === '' ? selected : nameArgument(rest, leave, null)
    if (peer === null) throw noneSelected(engine.open, '/leave NAME')
    if (!engine.open.includes(peer)) throw notOpen(peer, engine.open)
    await engine.leave(peer)
  },
}

/** The commands by which conversations begin, change places and end. */
export const talkCommands: readonly ChatCommand[] = [chat, accept, decline, switchTo, msg, leave]
