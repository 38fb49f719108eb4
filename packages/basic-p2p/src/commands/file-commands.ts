import { basename, resolve } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { printableName } from '@p2p-secure-chat/core/terminal/printable'
import { parseName } from '../directory/name.ts'
import { FILES_AT_ONCE } from '../files/file-messages.ts'
import { type ChatCommand, misused } from './chat-command.ts'
import { readPath } from './path-argument.ts'

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
    const files = selected === null ? null : engine.files(selected)
    if (files === null) throw new ChatError('no-conversation', 'this file has nobody to go to')
    const number = await files.offer(resolve(path))
    // A script sees when it is offered.
    if (!interactive || number === 0) return
    const name = printableName(basename(path))
    presenter.note(`${name} waits for its turn, as number ${number}: ${FILES_AT_ONCE} files go at once`)
  },
}

const cancel: ChatCommand = {
  name: 'cancel',
  usage: '[NAME]',
  group: 'talking',
  argument: 'name',
  help: 'stop the latest file to or from somebody',
  description:
    'Stops the latest file to or from somebody, whoever sends it, or one that waits for its turn. Without a name it is the latest of all.',
  example: '/cancel bob',
  async run(rest, { engine }) {
    const name = rest.trim()
    const peer = name === '' ? engine.exchanging.at(-1) : parseName(name)
    const files = peer === undefined ? null : engine.files(peer)
    if (files === null) throw new ChatError('no-file', 'no file is on its way')
    files.cancel()
  },
}

/** Files, on every rung. */
export const fileCommands: readonly ChatCommand[] = [send, cancel]
