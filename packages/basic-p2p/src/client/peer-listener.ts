import type { Socket } from 'node:net'
import { contain } from '@p2p-secure-chat/core/contain'
import type { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, plainHost } from '@p2p-secure-chat/core/net/address'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import type { Listener } from '@p2p-secure-chat/core/net/listen'
import { receive } from '@p2p-secure-chat/core/net/receive'
import { type Capacity, type GuardedVisit, reception } from '@p2p-secure-chat/core/net/reception'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { type PeerConnection, establish } from '../chat/establish.ts'

/**
 * Conversations at once, calls that still ring included. A flooder can have any number of keys, so half of the places
 * are reserved for keys that we know.
 */
export const CONVERSATIONS: Capacity = { all: 1_024, ofNetwork: 128, strangers: 512 }

/**
 * Listens for calls of peers: accepts connections, upgrades them within limits and hands them over.
 *
 * @param onPeer gets each connection whose upgrade succeeded
 * @param onFailure gets the reason why a connection did not get that far, and its source
 * @param tap watches the incoming connections
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export function listenForPeers(
  address: Address,
  upgrade: Upgrade,
  onPeer: (connection: PeerConnection) => void,
  onFailure: (error: ChatError, source: string) => void,
  tap?: TapSocket,
): Promise<Listener> {
  async function attend(socket: Socket, visit: GuardedVisit, leave: () => void): Promise<void> {
    const source = plainHost(socket.remoteAddress ?? '')
    try {
      const connection = await establish(socket, { role: 'responder', upgrade, expected: null, visit, tap })
      try {
        visit.serve(connection.security.identity === 'new')
      } catch (thrown) {
        void conclude(connection.channel, contain(thrown))
        throw thrown
      }
      onPeer(connection)
    } catch (thrown) {
      const error = contain(thrown)
      leave()
      // A flood that is turned away is no news for anybody, and a defect was reported where it occurred.
      if (error.code !== 'too-many' && error.code !== 'internal') onFailure(error, source)
    }
  }

  return receive(address, reception(CONVERSATIONS), attend, tap)
}
