import { ChatError } from '../errors.ts'
import type { Channel } from './channel.ts'
import { GOODBYE } from './message-types.ts'

const EMPTY = new Uint8Array(0)

/**
 * Makes the end of a conversation explicit: close() says goodbye first, and receive() answers null after the other
 * side's goodbye only. A stream that ends without one was cut. Over a channel of sealed records the goodbye is sealed
 * too, so that nobody on the path can forge it.
 *
 * @param channel the channel to carry the goodbye; it must let type GOODBYE through
 */
export function withGoodbye(channel: Channel): Channel {
  let left = false
  let closing: Promise<void> | null = null

  async function sayGoodbye(): Promise<void> {
    await channel.send({ type: GOODBYE, body: EMPTY })
    await channel.close()
  }

  return {
    send(message) {
      if (closing !== null) return Promise.reject(new ChatError('closed', 'we have said goodbye already'))
      return channel.send(message)
    },
    async receive() {
      if (left) return null
      const message = await channel.receive()
      if (message === null) {
        const error = new ChatError('cut', 'the connection ended without a goodbye')
        channel.abort(error)
        throw error
      }
      if (message.type !== GOODBYE) return message
      left = true
      return null
    },
    close() {
      closing ??= sayGoodbye()
      return closing
    },
    abort: error => channel.abort(error),
  }
}
