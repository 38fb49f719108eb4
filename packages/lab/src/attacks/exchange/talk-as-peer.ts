import { conversationId } from '@p2p-secure-chat/basic-p2p/chat/conversation'
import { ACCEPT, CALL, RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { expectMessage } from '@p2p-secure-chat/core/wire/error-message'
import { ignorable } from '@p2p-secure-chat/core/contain'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'

/** What mallory does with somebody who takes her for another one: no more than texts. */
export interface MallorysTalk {
  say(text: string): void
  /** The next text of the other side; null when it is done. @throws {ChatError} when the connection broke */
  hear(): Promise<string | null>
}

/**
 * Calls, or takes the call that comes, and holds a conversation (docs/protocol.md, Peers).
 *
 * @throws {ChatError} when no conversation comes of it
 */
export async function talkAsPeer(channel: Channel, role: Role): Promise<MallorysTalk> {
  const begin = { conversation: conversationId() }
  if (role === 'initiator') {
    await channel.send(CALL.message(begin))
    await expectMessage(channel, ACCEPT.type)
  } else {
    await expectMessage(channel, CALL.type)
    await channel.send(ACCEPT.message(begin))
  }
  let said = 0n
  return {
    say(text) {
      said += 1n
      void ignorable(channel.send(TEXT.message({ id: said, text })))
    },
    async hear() {
      for (let message = await channel.receive(); message !== null; message = await channel.receive()) {
        if (message.type !== TEXT.type) continue
        const { id, text } = TEXT.read(message.body)
        await channel.send(RECEIPT.message({ id }))
        return text
      }
      return null
    },
  }
}
