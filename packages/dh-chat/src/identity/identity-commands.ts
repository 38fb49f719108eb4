import { type ChatCommand, nameArgument } from '@p2p-secure-chat/basic-p2p/commands/chat-command'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fingerprint } from './fingerprint.ts'
import type { Identity } from './identity.ts'
import { inviteCommand } from './invite-command.ts'
import type { KnownPeers } from './known-peers.ts'
import { verifyCommand } from './verify-command.ts'

/** The commands about who somebody is, over one user's known peers, and about who we are ourselves. */
export function identityCommands(knownPeers: KnownPeers, identity: Identity): readonly ChatCommand[] {
  const peers: ChatCommand = {
    name: 'peers',
    usage: '',
    group: 'trust',
    argument: 'nothing',
    help: 'whose keys you remember',
    description:
      'Lists the names whose keys you remember, with their fingerprints: new until a conversation was open, then known, and verified once you compared the safety number.',
    example: '/peers',
    async run(_rest, { presenter }) {
      const remembered = await knownPeers.list()
      const peers = remembered.map(({ name, key, identity }) => ({ name, fingerprint: fingerprint(key), identity }))
      await presenter.show({ event: 'peers', peers })
    },
  }

  const forget: ChatCommand = {
    name: 'forget',
    usage: 'NAME',
    group: 'trust',
    argument: 'name',
    help: 'forget a key whose owner told you of a new one',
    description:
      'Forgets the key of somebody, so that the next one counts as a first contact. Do it only after they told you on the phone, or face to face, that their key is new.',
    example: '/forget bob',
    async run(rest, { presenter, interactive, confirm }) {
      const peer = nameArgument(rest, forget)
      if (!(await knownPeers.list()).some(({ name }) => name === peer)) throw unknown(peer)
      // A line of a script is its author's word already.
      if (
        interactive &&
        !(await confirm(`Did ${peer} tell you, on the phone or face to face, that their key is new?`))
      ) {
        return presenter.note(`the key of ${peer} stays as it is`)
      }
      if (!(await knownPeers.forget(peer))) throw unknown(peer)
      presenter.note(`the key of ${peer} is forgotten; the next contact is a first contact`)
    },
  }

  return [verifyCommand, peers, forget, inviteCommand(identity)]
}

function unknown(peer: string): ChatError {
  return new ChatError('unknown-user', `no key of ${peer} is remembered`, {
    hint: '/peers lists whose keys you remember',
  })
}
