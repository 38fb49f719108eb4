import { type ChatCommand, nameArgument } from '@p2p-secure-chat/basic-p2p/client/chat-command'
import { safetyNumberRows } from '@p2p-secure-chat/basic-p2p/client/describe-event'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fingerprint } from './fingerprint.ts'
import type { KnownPeers } from './known-peers.ts'

/** The commands about who somebody is, over one user's known peers. */
export function identityCommands(knownPeers: KnownPeers): readonly ChatCommand[] {
  const verify: ChatCommand = {
    name: 'verify',
    usage: '[NAME]',
    help: 'compare the safety number of an open conversation, and mark the peer as verified',
    async run(rest, { engine, presenter, selected, confirm }) {
      const peer = nameArgument(rest, verify, selected)
      const learnt = engine.learnt(peer)
      if (learnt === null) throw new ChatError('no-conversation', `there is no conversation with ${peer}`)
      presenter.note(safetyNumberSheet(peer, learnt.safetyNumber ?? ''))
      if (
        !(await confirm(`Did ${peer} read out the same number, over a channel you trust? Type yes to mark the key.`))
      ) {
        return presenter.note(`${peer} is not marked as verified`)
      }
      await learnt.verify()
      presenter.note(`${peer} is verified`)
    },
  }

  const peers: ChatCommand = {
    name: 'peers',
    usage: '',
    help: 'whose keys you remember',
    async run(_rest, { presenter }) {
      const rows = (await knownPeers.list()).map(
        ({ name, key, verified }) => `${name.padEnd(32)} ${fingerprint(key)} ${verified ? 'verified' : 'known'}`,
      )
      presenter.note(rows.join('\n') || 'nobody yet')
    },
  }

  const forget: ChatCommand = {
    name: 'forget',
    usage: 'NAME',
    help: 'forget the key of a peer, after they confirmed to you that it changed',
    async run(rest, { presenter }) {
      const peer = nameArgument(rest, forget, null)
      if (!(await knownPeers.forget(peer))) throw new ChatError('unknown-user', `no key of ${peer} is remembered`)
      presenter.note(`the key of ${peer} is forgotten; the next contact is a first contact`)
    },
  }

  return [verify, peers, forget]
}

/** The twelve numbers in three rows of four, to be read aloud. */
function safetyNumberSheet(peer: string, safetyNumber: string): string {
  return [`the safety number with ${peer}:`, '', ...safetyNumberRows(safetyNumber), ''].join('\n')
}
