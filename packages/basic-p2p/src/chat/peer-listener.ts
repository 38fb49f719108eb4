import type { Socket } from 'node:net'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, plainHost } from '@p2p-secure-chat/core/net/address'
import { type Listener, listen } from '@p2p-secure-chat/core/net/listen'
import { turnAway } from '@p2p-secure-chat/core/net/turn-away'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { type Connection, establish } from './establish.ts'

/** Conversations and upgrades at once. */
const CONNECTION_LIMIT = 1_024

/** Connections at once that have not called yet: each may cost an exponentiation, so a flood must not get many. */
export const UPGRADE_LIMIT = 64

/** The same from one address: a classroom behind one NAT, not more. */
export const UPGRADE_LIMIT_PER_SOURCE = 16

/**
 * Takes calls from peers: accepts connections, upgrades them under limits and hands over what stands.
 *
 * @param onPeer gets each connection whose upgrade succeeded; settles when the peer has called or is gone
 * @param onFailure told why a connection did not get that far, and where it came from
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export function listenForPeers(
  address: Address,
  upgrade: Upgrade,
  onPeer: (connection: Connection) => Promise<void>,
  onFailure: (error: ChatError, source: string) => void,
): Promise<Listener> {
  const underWay = new Map<string, number>()
  let total = 0

  async function take(socket: Socket): Promise<void> {
    const source = plainHost(socket.remoteAddress ?? '')
    const fromSource = underWay.get(source) ?? 0
    if (total >= UPGRADE_LIMIT || fromSource >= UPGRADE_LIMIT_PER_SOURCE) {
      return turnAway(socket, { protocol: upgrade.protocol }, new ChatError('too-many', 'too many calls at once'))
    }
    total += 1
    underWay.set(source, fromSource + 1)
    try {
      await onPeer(await establish(socket, 'responder', upgrade, null))
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      onFailure(error, source)
    } finally {
      total -= 1
      const left = (underWay.get(source) ?? 1) - 1
      if (left === 0) underWay.delete(source)
      else underWay.set(source, left)
    }
  }

  return listen(address, CONNECTION_LIMIT, socket => void take(socket))
}
