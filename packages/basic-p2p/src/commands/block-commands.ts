import { ChatError } from '@p2p-secure-chat/core/errors'
import { type ChatCommand, nameArgument } from './chat-command.ts'

const block: ChatCommand = {
  name: 'block',
  usage: '[NAME]',
  group: 'trust',
  argument: 'name',
  help: 'take no calls of somebody; alone: list them',
  description:
    'Takes no more calls of somebody, and lets them think that you decline. Where peers have keys, theirs is blocked under every other name as well. Without a name it lists whom you blocked.',
  example: '/block mallory',
  async run(rest, { engine, blocked, presenter }) {
    if (rest.trim() === '') return presenter.show({ event: 'blocked', peers: await blocked.list() })
    const peer = nameArgument(rest, block)
    const fingerprint = await engine.block(peer)
    presenter.note(`${peer} is blocked${fingerprint === null ? '' : ', and so is everybody else with the same key'}`)
  },
}

const unblock: ChatCommand = {
  name: 'unblock',
  usage: 'NAME',
  group: 'trust',
  argument: 'name',
  help: 'take calls of somebody again',
  description: 'Takes somebody off the list of those whose calls you do not take. It does not call them.',
  example: '/unblock mallory',
  async run(rest, { blocked, presenter }) {
    const peer = nameArgument(rest, unblock)
    if (!(await blocked.unblock(peer))) {
      throw new ChatError('unknown-user', `${peer} is not blocked`, { hint: '/block lists whom you blocked' })
    }
    presenter.note(`${peer} is not blocked any more`)
  },
}

/** The commands about whose calls are not taken. */
export const blockCommands: readonly ChatCommand[] = [block, unblock]
