import { ChatError } from '../../src/errors.ts'
import { socketChannel } from '../../src/net/socket-channel.ts'
import type { Channel } from '../../src/wire/channel.ts'
import type { FrameLimits } from '../../src/wire/frame.ts'
import { exchangeHello } from '../../src/wire/hello.ts'
import type { Role, Upgrade } from '../../src/wire/upgrade.ts'
import type { Wire } from './wire.ts'
import { ACCEPT, RECEIPT, TEXT } from '../../../basic-p2p/src/messages/conversation.ts'
import { ERROR, GOODBYE, HELLO, KEEPALIVE } from '../../src/wire/common-messages.ts'

/** The two sides of a connection: each has its channel as soon as its own part of the upgrade is done. */
export interface Ends {
  readonly alice: Promise<Channel>
  readonly bob: Promise<Channel>
}

/** Largest body of a TEXT, in bytes, as docs/protocol.md has it. */
export const TEXT_BODY_LIMIT = 16_392

/** Enough of a conversation's messages for channels without an upgrade of their own. */
export const conversationLimits: FrameLimits = new Map([
  [ERROR.type, ERROR.limit],
  [GOODBYE.type, 0],
  [KEEPALIVE.type, 0],
  [ACCEPT.type, 256],
  [TEXT.type, TEXT_BODY_LIMIT],
  [RECEIPT.type, 8],
])

/** Alice calls bob over the wire: hello and upgrade, as two clients do it. Who fails is gone. */
export function upgradedEnds(wire: Wire, alice: Upgrade, bob: Upgrade): Ends {
  async function join(socket: Wire['alice'], role: Role, upgrade: Upgrade): Promise<Channel> {
    const raw = socketChannel(
      socket,
      new Map([...upgrade.limits, [HELLO.type, HELLO.limit], [ERROR.type, ERROR.limit]]),
    )
    try {
      const { ours, theirs } = await exchangeHello(raw, { protocol: upgrade.protocol })
      const hellos =
        role === 'initiator' ? { initiator: ours, responder: theirs } : { initiator: theirs, responder: ours }
      const expected = role === 'initiator' ? 'bob' : null
      return (await upgrade.upgrade(raw, { role, hellos, expected })).channel
    } catch (error) {
      raw.abort(error instanceof ChatError ? error : new ChatError('closed', 'the test went wrong'))
      throw error
    }
  }
  return { alice: join(wire.alice, 'initiator', alice), bob: join(wire.bob, 'responder', bob) }
}
