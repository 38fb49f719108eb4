import type { ChatError } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { errorMessage } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'

/** How long our last words to somebody who was silent may take, in milliseconds. */
const LAST_WORDS_DEADLINE = 500

/**
 * Ends a connection, after an ERROR message that says what was wrong if something was. Never rejects. Nobody may be
 * receiving, except after a `timeout`, when whoever was waited for still is.
 */
export async function hangUp(channel: Channel, error: ChatError | null): Promise<void> {
  if (error?.code !== 'timeout') return conclude(channel, error)
  // Words that do not get through are no loss, and the other side's end can not be awaited: it was silent anyway.
  await withDeadline(sayLast(channel, errorMessage(error)), LAST_WORDS_DEADLINE, 'the end').catch(() => undefined)
  channel.abort(error)
}

async function sayLast(channel: Channel, message: Message): Promise<void> {
  await channel.send(message)
  await channel.close()
}
