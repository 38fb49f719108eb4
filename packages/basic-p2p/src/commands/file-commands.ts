import { basename } from 'node:path'
import { wholePath } from '@p2p-secure-chat/core/files/user-folder'
import { printableName } from '@p2p-secure-chat/core/terminal/printable'
import { noneSelected, notOpen } from '../chat/no-conversation.ts'
import { choose, filesOf } from './candidates.ts'
import { type ChatCommand, misused } from './chat-command.ts'
import { readPath } from './path-argument.ts'
import { FILES_AT_ONCE } from '../files/window.ts'

const send: ChatCommand = {
  name: 'send',
  usage: 'FILE',
  group: 'talking',
  argument: 'path',
  help: 'offer a file to the person you are talking to',
  description:
    'Offers a file to the person you are talking to, who takes it with /accept. The rest of the line is its path; blanks need no quotes. Four go at once, and more wait for their turn. Texts go on meanwhile, and /cancel stops it.',
  example: '/send ~/photo.jpg',
  async run(rest, { engine, selected, interactive, presenter }) {
    const path = readPath(rest)
    if (path === null) throw misused(send)
    if (selected === null) throw noneSelected(engine, '/switch NAME')
    const files = engine.files(selected)
    if (files === null) throw notOpen(selected, engine)
    const { id, before } = await files.offer(wholePath(path))
    // A script sees when it is offered.
    if (!interactive || before === null) return
    const name = printableName(basename(path))
    const others = before === 0 ? '' : `, behind ${before} more`
    presenter.note(`${name} waits for its turn as file ${id}${others}: ${FILES_AT_ONCE} files go at once`)
  },
}

const cancel: ChatCommand = {
  name: 'cancel',
  usage: '[NAME] [NUMBER]',
  group: 'talking',
  argument: 'name',
  help: 'stop a file to or from somebody',
  description:
    'Stops a file to or from somebody, or one that waits for its turn. It says what it stops, and asks you first where more than one fits, or where one came within the last second. In a pipe more than one is an error, and none is stopped. Where a file of yours has the number of one of theirs, a word out or in behind it says which.',
  example: '/cancel bob 2',
  async run(rest, context) {
    const verb = { infinitive: 'stop', participle: 'stopping', state: 'are on their way' }
    await (await choose(filesOf(context.engine), rest, cancel, verb, context))?.cancel()
  },
}

/** Files, on every rung. */
export const fileCommands: readonly ChatCommand[] = [send, cancel]
