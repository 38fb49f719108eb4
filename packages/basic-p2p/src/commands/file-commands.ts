import { resolve } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { parseName } from '../directory/name.ts'
import { type ChatCommand, misused } from './chat-command.ts'
import { readPath } from './path-argument.ts'

const send: ChatCommand = {
  name: 'send',
  usage: 'FILE',
  group: 'talking',
  argument: 'path',
  help: 'offer a file to whom you talk with',
  description:
    'Offers a file to whom you talk with, who takes it with /accept. The rest of the line is its path; blanks need no quotes. Texts go on meanwhile, and /cancel stops it.',
  example: '/send ~/photo.jpg',
  async run(rest, { engine, selected }) {
    const path = readPath(rest)
    if (path === null) throw misused(send)
    const files = selected === null ? null : engine.files(selected)
    if (files === null) throw new ChatError('no-conversation', 'this file has nobody to go to')
    await files.offer(resolve(path))
  },
}

const cancel: ChatCommand = {
  name: 'cancel',
  usage: '[NAME]',
  group: 'talking',
  argument: 'name',
  help: 'stop the latest file to or from somebody',
  description: 'Stops the latest file to or from somebody, whoever sends it. Without a name it is the latest of all.',
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
