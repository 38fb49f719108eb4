import { generateKeyPairSync } from 'node:crypto'
import { directoryLimits, REGISTER, REGISTERED, WELCOME } from '@p2p-secure-chat/basic-p2p/messages/directory'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import { socketChannel } from '@p2p-secure-chat/core/net/socket-channel'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { expectMessage } from '@p2p-secure-chat/core/wire/error-message'
import { exchangeHello } from '@p2p-secure-chat/core/wire/hello'
import { proveRegistration } from '@p2p-secure-chat/dh-chat/directory-proof'
import { identityOf } from '@p2p-secure-chat/dh-chat/identity/identity'
import { dialHere } from '@p2p-secure-chat/stage/own-network'
import { type FramedRung, protocolOf, type SecureRung } from '../../rungs.ts'
import type { Scene } from '../attack.ts'

/** A connection to a directory with no client behind it. */
export interface DirectoryVisitor {
  readonly channel: Channel
  /** Asks at once for the name, where the rung has keys with a fresh one, and waits until it is hers. @throws {ChatError} */
  register(): Promise<void>
}

/**
 * Greets a directory, and knows all that it takes to register there. The connection ends with the scene.
 *
 * @param from the address of ours from which to dial; by default the system takes one
 * @throws {ChatError} when the directory refuses
 */
export async function visitDirectory(
  { tap, afterwards }: Scene,
  rung: FramedRung,
  directory: Address,
  name: string,
  from?: string,
): Promise<DirectoryVisitor> {
  const protocol = protocolOf(rung)
  const socket = await dialHere(directory, from)
  afterwards(() => void socket.destroy())
  const channel = socketChannel(socket, directoryLimits, tap?.(socket, true))
  await exchangeHello(channel, { protocol: 'directory/1', rung: protocol })
  const { nonce = '' } = WELCOME.read(await expectMessage(channel, WELCOME.type))
  const proof = rung === 'basic' ? {} : { proof: proofOf(rung, name, nonce, directory) }
  return {
    channel,
    async register() {
      await channel.send(REGISTER.message({ name, port: null, ...proof }))
      await expectMessage(channel, REGISTERED.type)
    },
  }
}

function proofOf(rung: SecureRung, name: string, nonce: string, directory: Address) {
  const identity = identityOf(name, generateKeyPairSync('ed25519').privateKey)
  return proveRegistration(identity, protocolOf(rung))({ name, nonce }, formatAddress(directory))
}
