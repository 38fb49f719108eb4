import type { Socket } from 'node:net'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, plainHost } from '@p2p-secure-chat/core/net/address'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { type Listener, listen } from '@p2p-secure-chat/core/net/listen'
import { socketChannel } from '@p2p-secure-chat/core/net/socket-channel'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { ERROR_LIMIT } from '@p2p-secure-chat/core/wire/error-message'
import { HELLO_LIMIT } from '@p2p-secure-chat/core/wire/hello'
import { ERROR, HELLO } from '@p2p-secure-chat/core/wire/message-types'
import type { Learnt, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { establish } from './establish.ts'

/** Conversations and upgrades at once. */
const CONNECTION_LIMIT = 1_024

/** Upgrades under way at once: each may cost an exponentiation, so a flood must not get many. */
const UPGRADE_LIMIT = 64

/** The same from one address: a classroom behind one NAT, not more. */
const UPGRADE_LIMIT_PER_SOURCE = 16

/**
 * Takes calls from peers: accepts connections, upgrades them under limits and hands over what stands.
 *
 * @param onPeer gets each channel whose upgrade succeeded; what failed is told to `onFailure`
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export function listenForPeers(
  address: Address,
  upgrade: Upgrade,
  onPeer: (channel: Channel, learnt: Learnt) => void,
  onFailure: (error: ChatError, source: string) => void,
): Promise<Listener> {
  const underWay = new Map<string, number>()
  let total = 0

  async function take(socket: Socket): Promise<void> {
    const source = plainHost(socket.remoteAddress ?? '')
    const fromSource = underWay.get(source) ?? 0
    if (total >= UPGRADE_LIMIT || fromSource >= UPGRADE_LIMIT_PER_SOURCE) {
      const limits = new Map([
        [HELLO, HELLO_LIMIT],
        [ERROR, ERROR_LIMIT],
      ])
      return conclude(socketChannel(socket, limits), new ChatError('too-many', 'too many calls at once'))
    }
    total += 1
    underWay.set(source, fromSource + 1)
    try {
      const { channel, learnt } = await establish(socket, 'responder', upgrade, null)
      onPeer(channel, learnt)
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
