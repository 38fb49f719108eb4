import { ChatError } from '@p2p-secure-chat/core/errors'
import { type ChatCommand, nameArgument } from './chat-command.ts'

const block: ChatCommand = {
  name: 'block',
  usage: '[NAME]',
  help: 'take no more calls of somebody, and let them think that you decline; alone: whom you blocked',
  async run(rest, { engine, blocked, presenter }) {
    if (rest.trim() === '') return presenter.show({ event: 'blocked', peers: await blocked.list() })
    const peer = nameArgument(rest, block, null)
    const fingerprint = await engine.block(peer)
    presenter.note(`${peer} is blocked${fingerprint === null ? '' : ', and their key under every other name'}`)
  },
}

const unblock: ChatCommand = {
  name: 'unblock',
  usage: 'NAME',
  help: 'take calls of somebody again',
  async run(rest, { blocked, presenter }) {
    const peer = nameArgument(rest, unblock, null)
    if (!(await blocked.unblock(peer))) {
      throw new ChatError('unknown-user', `${peer} is not blocked`, { hint: '/block lists whom you blocked' })
    }
    presenter.note(`${peer} is not blocked any more`)
  },
}

/** The commands about whose calls are not taken. */
export const blockCommands: readonly ChatCommand[] = [block, unblock]
