import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import type { ChatEngine } from '../chat/chat-engine.ts'
import type { DirectoryClient } from '../directory/directory-client.ts'
import { type ExpectKey, formatInvite, parseInvite } from '../directory/invite.ts'
import { outsideAddress } from '../directory/usable-address.ts'

/** What of a running client an invite has to fit. */
interface Present {
  /** Our own name. */
  readonly name: string
  readonly directory: Pick<DirectoryClient, 'open' | 'host'>
  /** The directory's address as it was given. */
  readonly directoryAddress: Address
  readonly expectKey: ExpectKey | null
  readonly engine: Pick<ChatEngine, 'learnt'>
}

/**
 * Takes an invite within a running client: from here on no other key passes in its name.
 *
 * @returns the name to call
 * @throws {ChatError} `bad-invite`, also for another directory than the present one; `usage` where peers have no keys;
 * `self-call` for our own; `wrong-peer` when a conversation under that name is open with another key; what expectKey throws
 */
export async function takeInvite(text: string, client: Present): Promise<string> {
  const { directory, directoryAddress, expectKey, engine } = client
  if (expectKey === null) throw new ChatError('usage', 'this chat has no keys, so an invite means nothing to it')
  const invite = parseInvite(text)
  if (invite.name === client.name) throw new ChatError('self-call', 'this is an invite to call yourself')
  const present = [
    directoryAddress,
    { host: directory.host, port: directoryAddress.port },
    outsideAddress(directoryAddress, directory),
  ]
  const isHere = (address: Address | null) =>
    address !== null && formatInvite({ ...invite, directory: address }) === formatInvite(invite)
  if (!present.some(isHere)) {
    const wanted = formatAddress(invite.directory)
    throw new ChatError('bad-invite', `${invite.name} is at the directory ${wanted}, and you are at another one`, {
      hint: 'start the client with --to and the invite: it goes to that directory by itself',
    })
  }
  const talking = engine.learnt(invite.name)
  if (talking !== null && talking.fingerprint !== invite.fingerprint) {
    throw new ChatError('wrong-peer', `whom you talk to as ${invite.name} has another key than the invite says`)
  }
  await expectKey(invite.name, invite.fingerprint)
  return invite.name
}
