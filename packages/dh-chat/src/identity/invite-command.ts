import type { ChatCommand } from '@p2p-secure-chat/basic-p2p/commands/chat-command'
import { formatInvite } from '@p2p-secure-chat/basic-p2p/directory/invite'
import { outsideAddress } from '@p2p-secure-chat/basic-p2p/directory/usable-address'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import type { Identity } from './identity.ts'

/** Light modules around a QR code, as many as its standard (ISO/IEC 18004) asks for. */
const QUIET_ZONE = 4

/** The command that shows how others reach us, and which key they are to expect. */
export function inviteCommand({ name, fingerprint }: Identity): ChatCommand {
  return {
    name: 'invite',
    usage: '',
    group: 'trust',
    argument: 'nothing',
    help: 'one word (and a QR code) by which to call you',
    description:
      'Shows your invite as text and as a QR code: your name, the directory and the fingerprint of your key. Whoever calls with it reaches you and nobody else.',
    example: '/invite',
    async run(_rest, { directory, directoryAddress, presenter, interactive }) {
      const outside = outsideAddress(directoryAddress, directory)
      requireShareable(directoryAddress)
      const invite = formatInvite({ name, directory: outside ?? directoryAddress, fingerprint })
      await presenter.show({ event: 'invite', invite })
      presenter.note('anyone who passes it to /chat or --to reaches you or nobody')
      presenter.note('hand it over yourself: anyone who can alter it on the way can put another key into it')
      if (outside === null) {
        presenter.note('it works on this machine only: the directory is not open to the network')
      }
      if (!interactive) return presenter.verbatim(invite)
      // The code comes last, or a terminal of 24 rows would have lost the top of it.
      const picture = await qrCode(invite)
      presenter.verbatim(`\n${invite}\n`)
      presenter.picture(picture)
    },
  }
}

/** @throws {ChatError} `bad-address` for an address with a zone, which only means something on this machine */
export function requireShareable(directory: Address): void {
  if (!directory.host.includes('%')) return
  throw new ChatError(
    'bad-address',
    `the directory's address ${formatAddress(directory)} is one for this machine alone`,
    {
      hint: 'start with --directory and an address that others can use',
    },
  )
}

/** The dark modules of a QR code as ink, two rows of them in a line. */
async function qrCode(text: string): Promise<string[]> {
  const { encode } = await import('uqr')
  const { data } = encode(text, { border: QUIET_ZONE })
  return data.flatMap((upper, y) => (y % 2 === 0 ? [halfBlocks(upper, data[y + 1] ?? [])] : []))
}

function halfBlocks(upper: readonly boolean[], lower: readonly boolean[]): string {
  return upper.map((dark, x) => (dark ? (lower[x] ? '█' : '▀') : lower[x] ? '▄' : ' ')).join('')
}
