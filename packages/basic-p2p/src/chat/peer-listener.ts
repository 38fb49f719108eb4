import type { Socket } from 'node:net'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, plainHost } from '@p2p-secure-chat/core/net/address'
import { allowances, type Rate } from '@p2p-secure-chat/core/net/allowances'
import { type Listener, listen } from '@p2p-secure-chat/core/net/listen'
import { networkOf } from '@p2p-secure-chat/core/net/network-of'
import { refusals } from '@p2p-secure-chat/core/net/refusals'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-tap'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { type Connection, establish } from './establish.ts'

/** Conversations and upgrades at once. */
const CONNECTION_LIMIT = 1_024

/** Connections at once that have not called yet: each may cost an exponentiation, so a flood must not get many. */
export const UPGRADE_LIMIT = 64

/** The same from one address: a classroom behind one NAT, not more. */
export const UPGRADE_LIMIT_PER_SOURCE = 16

/**
 * Connections from one address over time: each may cost an exponentiation, up to 45 ms. A classroom can call, and come
 * back after its network broke, all at once; a script may call as often as it can start a program.
 */
export const UPGRADES_OF_SOURCE: Rate = { burst: 240, interval: 250 }

/**
 * Takes calls from peers: accepts connections, upgrades them under limits and hands over what stands.
 *
 * @param onPeer gets each connection whose upgrade succeeded; settles when the peer has called or is gone
 * @param onFailure told why a connection did not get that far, and where it came from
 * @param tap watches the connections that come
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export function listenForPeers(
  address: Address,
  upgrade: Upgrade,
  onPeer: (connection: Connection) => Promise<void>,
  onFailure: (error: ChatError, source: string) => void,
  tap?: TapSocket,
): Promise<Listener> {
  const { refuse } = refusals()
  const sources = allowances(UPGRADES_OF_SOURCE)
  const underWay = new Map<string, number>()
  let total = 0

  async function take(socket: Socket): Promise<void> {
    const source = plainHost(socket.remoteAddress ?? '')
    const network = networkOf(source)
    const fromSource = underWay.get(network) ?? 0
    if (total >= UPGRADE_LIMIT || fromSource >= UPGRADE_LIMIT_PER_SOURCE) {
      return refuse(socket, new ChatError('too-many', 'too many calls at once'), tap?.(socket, false))
    }
    if (!sources.take(network)) {
      return refuse(socket, new ChatError('too-many', 'too many calls in a short time'), tap?.(socket, false))
    }
    total += 1
    underWay.set(network, fromSource + 1)
    try {
      await onPeer(await establish(socket, 'responder', upgrade, null, tap))
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      onFailure(error, source)
    } finally {
      total -= 1
      const left = (underWay.get(network) ?? 1) - 1
      if (left === 0) underWay.delete(network)
      else underWay.set(network, left)
    }
  }

  return listen(address, CONNECTION_LIMIT, socket => void take(socket))
}
