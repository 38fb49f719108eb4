import { ChatError } from '../errors.ts'
import type { Channel } from './channel.ts'
import { ignorable } from '../contain.ts'
import { GOODBYE } from './common-messages.ts'

/**
 * Makes the end of a conversation explicit: close() says goodbye first, and receive() answers null after the other
 * side's goodbye only. A stream that ends without one was cut. Over a channel of sealed records the goodbye is sealed
 * too, so that nobody on the path can forge it. After both goodbyes the channel below is aborted: nothing can follow,
 * and a side that keeps its stream open must not keep ours.
 *
 * @param channel the channel to carry the goodbye; it must let type GOODBYE through
 */
export function withGoodbye(channel: Channel): Channel {
  let weLeft = false
  let theyLeft = false
  let closing: Promise<void> | null = null

  function partIfBothLeft(): void {
    if (weLeft && theyLeft) channel.abort(new ChatError('closed', 'both sides have said goodbye'))
  }

  async function sayGoodbye(): Promise<void> {
    await channel.send(GOODBYE.message({}))
    await channel.close()
    weLeft = true
    partIfBothLeft()
  }

  return {
    send(message) {
      if (closing === null) return channel.send(message)
      return ignorable(Promise.reject(new ChatError('closed', 'we have said goodbye already')))
    },
    poll() {
      const message = theyLeft ? undefined : channel.poll()
      if (message?.type !== GOODBYE.type) return message
      theyLeft = true
      partIfBothLeft()
      return undefined
    },
    async receive() {
      if (theyLeft) return null
      const message = await channel.receive()
      if (message === null) {
        const error = new ChatError('cut', 'the connection ended without a goodbye')
        channel.abort(error)
        throw error
      }
      if (message.type !== GOODBYE.type) return message
      theyLeft = true
      partIfBothLeft()
      return null
    },
    close() {
      closing ??= sayGoodbye()
      return closing
    },
    abort: error => channel.abort(error),
  }
}
