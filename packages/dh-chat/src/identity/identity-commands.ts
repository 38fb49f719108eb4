import { type ChatCommand, nameArgument } from '@p2p-secure-chat/basic-p2p/commands/chat-command'
import { formatInvite } from '@p2p-secure-chat/basic-p2p/directory/invite'
import { outsideAddress } from '@p2p-secure-chat/basic-p2p/directory/usable-address'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import { fingerprint } from './ed25519-key.ts'
import type { Identity } from './identity.ts'
import type { KnownPeers } from './known-peers.ts'
import { verifyCommand } from './verify-command.ts'

/** Light modules around a QR code, as its standard (ISO/IEC 18004) requires. */
const QUIET_ZONE = 4

/** The commands about a user's known peers and about the user's own identity. */
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
    help: 'forget a key that its owner has replaced',
    description:
      'Forgets the key of a peer, so that the next one counts as a first contact. Do it only after they told you on the phone, or face to face, that their key is new.',
    example: '/forget bob',
    async run(rest, { presenter, interactive, confirm }) {
      const peer = nameArgument(rest, forget)
      if (!(await knownPeers.list()).some(({ name }) => name === peer)) throw unknown(peer)
      // In a script, the line itself is the confirmation.
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
  return new ChatError('unknown-user', `you remember no key of ${peer}`, {
    hint: '/peers lists whose keys you remember',
  })
}

/** Shows others how to reach us, and which key to expect. */
function inviteCommand({ name, fingerprint }: Identity): ChatCommand {
  return {
    name: 'invite',
    usage: '',
    group: 'trust',
    argument: 'nothing',
    help: 'one word (and a QR code) by which to call you',
    description:
      'Shows your invite as text and as a QR code: your name, the directory and the fingerprint of your key. A caller who uses it reaches you and nobody else.',
    example: '/invite',
    async run(_rest, { directory, directoryAddress, presenter, interactive }) {
      const outside = outsideAddress(directoryAddress, directory)
      requireShareable(directoryAddress)
      const invite = formatInvite({ name, directory: outside ?? directoryAddress, fingerprint })
      await presenter.show({ event: 'invite', invite })
      presenter.note('anyone who passes it to /chat or --to reaches you or nobody at all')
      presenter.note('hand it over yourself: anyone who can alter it on the way can replace the key')
      if (outside === null) {
        presenter.note('it works on this machine only: the directory is not open to the network')
      }
      if (!interactive) return presenter.verbatim(invite)
      // The code comes last: otherwise its top would scroll off a terminal of 24 rows.
      const picture = await qrCode(invite)
      presenter.verbatim(`\n${invite}\n`)
      presenter.picture(picture)
    },
  }
}

/** @throws {ChatError} `bad-address` for an address with a zone, which is valid only on this machine */
export function requireShareable(directory: Address): void {
  if (!directory.host.includes('%')) return
  throw new ChatError(
    'bad-address',
    `the directory's address ${formatAddress(directory)} is valid only on this machine`,
    {
      hint: 'start with --directory and an address that others can reach',
    },
  )
}

/** A QR code as text: dark modules are ink, two rows of them in a line. */
async function qrCode(text: string): Promise<string[]> {
  const { encode } = await import('uqr')
  const { data } = encode(text, { border: QUIET_ZONE })
  return data.flatMap((upper, y) => (y % 2 === 0 ? [halfBlocks(upper, data[y + 1] ?? [])] : []))
}

function halfBlocks(upper: readonly boolean[], lower: readonly boolean[]): string {
  return upper.map((dark, x) => (dark ? (lower[x] ? '█' : '▀') : lower[x] ? '▄' : ' ')).join('')
}
