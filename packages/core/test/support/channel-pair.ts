import { ChatError } from '../../src/errors.ts'
import type { Channel } from '../../src/wire/channel.ts'
import type { Message } from '../../src/wire/frame.ts'

/** What becomes of a message on its way: usually itself, from an attacker anything. */
export type Path = (message: Message) => readonly Message[]

const unharmed: Path = message => [message]

/** One direction: messages on their way, and who waits for them. */
function mailbox() {
  const waiting: { resolve(message: Message | null): void; reject(error: ChatError): void }[] = []
  const messages: Message[] = []
  let end: ChatError | null | undefined

  return {
    put(message: Message): void {
      const receiver = waiting.shift()
      if (receiver === undefined) messages.push(message)
      else receiver.resolve(message)
    },
    finish(how: ChatError | null): void {
      end ??= how
      for (const receiver of waiting.splice(0)) {
        if (how === null) receiver.resolve(null)
        else receiver.reject(how)
      }
    },
    take(): Promise<Message | null> {
      const message = messages.shift()
      if (message !== undefined) return Promise.resolve(message)
      if (end === null) return Promise.resolve(null)
      if (end !== undefined) return Promise.reject(end)
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
  }
}

/**
 * Two channels in memory, what one sends the other receives, without a socket.
 *
 * @param there what becomes of messages from the first to the second
 * @param back what becomes of messages from the second to the first
 */
export function channelPair(there: Path = unharmed, back: Path = unharmed): [Channel, Channel] {
  const toSecond = mailbox()
  const toFirst = mailbox()

  function side(inbox: typeof toFirst, outbox: typeof toFirst, path: Path): Channel {
    let failure: ChatError | null = null
    return {
      send(message) {
        if (failure !== null) return Promise.reject(failure)
        for (const arriving of path({ type: message.type, body: Uint8Array.from(message.body) })) outbox.put(arriving)
        return Promise.resolve()
      },
      poll: () => undefined,
      receive: () => (failure === null ? inbox.take() : Promise.reject(failure)),
      close() {
        outbox.finish(null)
        return Promise.resolve()
      },
      abort(error) {
        failure ??= error
        inbox.finish(failure)
        outbox.finish(new ChatError('cut', 'the connection was closed'))
      },
    }
  }

  return [side(toFirst, toSecond, there), side(toSecond, toFirst, back)]
}
