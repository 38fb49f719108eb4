import { ChatError } from '@p2p-secure-chat/core/errors'
import { isInvite } from '../directory/invite.ts'
import { answerCommands } from './answer-commands.ts'
import { type ChatCommand, nameArgument, sayTo } from './chat-command.ts'
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

const switchTo: ChatCommand = {
  name: 'switch',
  usage: 'NAME',
  group: 'talking',
  argument: 'name',
  help: 'go on in another open conversation',
  description:
    'Sends what you type to somebody else whose conversation is open. The marks of what they said meanwhile go away.',
  example: '/switch carol',
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
  group: 'talking',
  argument: 'message',
  help: 'say one thing to somebody, without switching',
  description:
    'Sends one text to somebody and stays in the present conversation. If there is none with them yet, they are called first.',
  example: '/msg carol are you coming?',
  async run(rest, { engine }) {
    const [, name = '', text = ''] = /^\s*(\S+)\s([^]+)$/.exec(rest) ?? []
    await sayTo(nameArgument(name, msg, null), text, engine)
  },
}

const leave: ChatCommand = {
  name: 'leave',
  usage: '',
  group: 'talking',
  argument: 'nothing',
  help: 'end the conversation you are in',
  description: 'Says goodbye in the conversation that is in the prompt. The other conversations stay open.',
  example: '/leave',
  async run(_rest, { engine, selected }) {
    if (selected === null) throw new ChatError('no-conversation', 'no conversation is selected')
    await engine.leave(selected)
  },
}

/** The commands by which conversations begin, change places and end. */
export const talkCommands: readonly ChatCommand[] = [chat, ...answerCommands, switchTo, msg, leave]
