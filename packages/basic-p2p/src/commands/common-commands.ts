import { ChatError } from '@p2p-secure-chat/core/errors'
import { type ChatCommand, misused } from './chat-command.ts'
import { helpCommand } from './help-command.ts'
import { setCommand } from './set-command.ts'
import { talkCommands } from './talk-commands.ts'

const who: ChatCommand = {
  name: 'who',
  usage: '[PREFIX] [AFTER]',
  group: 'talking',
  argument: 'prefix',
  help: 'who is online (names that begin with PREFIX)',
  description:
    'Lists the names that the directory knows as online, up to a page. Names that begin with PREFIX come alone; what comes after the last one shown is asked for with AFTER.',
  example: '/who b',
  async run(rest, { directory, presenter }) {
    const [start = '*', after = '', ...more] = rest.toLowerCase().split(/\s+/).filter(Boolean)
    if (more.length > 0) throw misused(who)
    const prefix = start === '*' ? '' : start
    if (Math.max(prefix.length, after.length) > 32)
      throw new ChatError('bad-name', 'no name is longer than 32 characters')
    await presenter.show({ event: 'users', prefix, ...(await directory.who(prefix, after)) })
  },
}

const quit: ChatCommand = {
  name: 'quit',
  usage: '',
  group: 'this program',
  argument: 'nothing',
  help: 'say goodbye to everyone and leave',
  description:
    'Says goodbye to everyone, waits a moment for texts that are on their way, and ends the program. Ctrl-D on an empty line does the same, and so does Ctrl-C twice within two seconds; while you are calling somebody it hangs up first. Where others use the directory inside this client, it asks first. Ctrl-Z stops the program until fg in the shell continues it.',
  example: '/quit',
  async run(_rest, { quit }) {
    quit()
  },
}

/** The commands of every rung. */
export const commonCommands: readonly ChatCommand[] = [who, ...talkCommands, setCommand, helpCommand, quit]
