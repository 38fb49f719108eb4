import type { Socket } from 'node:net'
import { contain } from '@p2p-secure-chat/core/contain'
import { conclude, dismiss } from '@p2p-secure-chat/core/net/conclude'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { clock } from '@p2p-secure-chat/core/net/patience'
import { type Capacity, type GuardedVisit, reception } from '@p2p-secure-chat/core/net/reception'
import { socketChannel, type TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { ERROR, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { limitsOf } from '@p2p-secure-chat/core/wire/message-type'
import { exchangeHello, HELLO_DEADLINE } from '@p2p-secure-chat/core/wire/hello'
import { withKeepalive } from '@p2p-secure-chat/core/wire/keepalive'
import type { Learnt, Role, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import type { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, plainHost } from '@p2p-secure-chat/core/net/address'
import type { Listener } from '@p2p-secure-chat/core/net/listen'
import { receive } from '@p2p-secure-chat/core/net/receive'

/** How long the upgrade may take, in milliseconds: a slow machine needs about a second for 8192 bits. */
const UPGRADE_DEADLINE = 10_000

/**
 * Conversations at once, calls that still ring included. A flooder can have any number of keys, so half of the places
 * are reserved for keys that we know.
 */
export const CONVERSATIONS: Capacity = { all: 1_024, ofNetwork: 128, strangers: 512 }

export interface EstablishOptions {
  readonly role: Role
  readonly upgrade: Upgrade
  /** The name that was dialled; null on the side that was called. */
  readonly expected: string | null
  /** What bounds a caller; absent for the dialling side. */
  readonly visit?: GuardedVisit
  readonly tap?: TapSocket | undefined
}

/** A connection between two peers, ready for a conversation, and what is known about it. */
export interface Connection {
  readonly channel: Channel
  readonly learnt: Learnt
}

/**
 * Turns a fresh connection between two peers into the channel of a conversation: hello, upgrade, keepalive. It owns the
 * socket from now on; when this throws, the connection is over.
 *
 * @throws {ChatError} `wrong-protocol`, `wrong-version`, `timeout`, `cut`, `too-many`, or what the upgrade refused
 */
export async function establish(
  socket: Socket,
  { role, expected, visit, upgrade, tap }: EstablishOptions,
): Promise<Connection> {
  const raw = socketChannel(
    socket,
    new Map([...upgrade.limits, ...limitsOf([HELLO, ERROR])]),
    tap?.(socket, role === 'initiator'),
  )
  try {
    const { ours, theirs } = await withDeadline(
      exchangeHello(raw, { protocol: upgrade.protocol }),
      HELLO_DEADLINE,
      'the hello',
      visit?.gone,
    )
    visit?.awaits('offer')
    const hellos =
      role === 'initiator' ? { initiator: ours, responder: theirs } : { initiator: theirs, responder: ours }
    const upgraded = await withDeadline(
      upgrade.upgrade(raw, { role, hellos, expected, guard: visit }),
      UPGRADE_DEADLINE,
      'the handshake',
      visit?.gone,
    )
    return { channel: withKeepalive(upgraded.channel, clock), learnt: upgraded.learnt }
  } catch (thrown) {
    const error = contain(thrown)
    if (error === visit?.gone.reason) void dismiss(raw, error)
    else void conclude(raw, error)
    throw error
  }
}

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
  onPeer: (connection: Connection) => void,
  onFailure: (error: ChatError, source: string) => void,
  tap?: TapSocket,
): Promise<Listener> {
  async function attend(socket: Socket, visit: GuardedVisit, leave: () => void): Promise<void> {
    const source = plainHost(socket.remoteAddress ?? '')
    try {
      const connection = await establish(socket, { role: 'responder', upgrade, expected: null, visit, tap })
      try {
        visit.serve(connection.learnt.identity === 'new')
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
