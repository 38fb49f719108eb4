import type { Socket } from 'node:net'
import { contain } from '@p2p-secure-chat/core/contain'
import { conclude, dismiss } from '@p2p-secure-chat/core/net/conclude'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { clock } from '@p2p-secure-chat/core/net/patience'
import type { GuardedVisit } from '@p2p-secure-chat/core/net/reception'
import { socketChannel, type TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { ERROR, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { limitsOf } from '@p2p-secure-chat/core/wire/message-type'
import { exchangeHello, HELLO_DEADLINE } from '@p2p-secure-chat/core/wire/hello'
import { withKeepalive } from '@p2p-secure-chat/core/wire/keepalive'
import type { PeerSecurity, Role, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'

/** How long the upgrade may take, in milliseconds: a slow machine needs about a second for 8192 bits. */
const UPGRADE_DEADLINE = 10_000

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
export interface PeerConnection {
  readonly channel: Channel
  readonly security: PeerSecurity
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
): Promise<PeerConnection> {
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
    return { channel: withKeepalive(upgraded.channel, clock), security: upgraded.security }
  } catch (thrown) {
    const error = contain(thrown)
    if (error === visit?.gone.reason) void dismiss(raw, error)
    else void conclude(raw, error)
    throw error
  }
}
