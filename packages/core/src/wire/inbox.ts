import type { ChatError } from '../errors.ts'
import { HEADER_BYTES, type Message } from './frame.ts'

/** Messages that arrived and wait to be received, in order, and how receiving ended. */
export interface Inbox {
  /** Bytes of the messages that wait, headers included. */
  readonly bytes: number
  /** Whether nothing more comes in. */
  readonly ended: boolean
  put(message: Message): void
  /** Ends it behind the messages that wait: in order (null) or with an error. Only the first call counts. */
  end(how: ChatError | null): void
  /** Drops the messages that wait; from now on take() fails, with `error` unless it ended with an error before. */
  fail(error: ChatError): void
  /**
   * Waits for the next message.
   *
   * @returns null when it ended in order
   * @throws {ChatError} the error with which it ended
   * @throws {TypeError} when another take() waits
   */
  take(): Promise<Message | null>
}

/** @param onEmpty called whenever the last message that waited was taken */
export function messageInbox(onEmpty: () => void): Inbox {
  let messages: Message[] = []
  let next = 0
  let bytes = 0
  let ending: ChatError | null | undefined
  let receiver: { resolve(message: Message | null): void; reject(error: ChatError): void } | null = null

  function end(how: ChatError | null): void {
    if (ending !== undefined) return
    ending = how
    if (how === null) receiver?.resolve(null)
    else receiver?.reject(how)
    receiver = null
  }

  return {
    get bytes() {
      return bytes
    },
    get ended() {
      return ending !== undefined
    },
    put(message) {
      if (receiver !== null) {
        receiver.resolve(message)
        receiver = null
        return
      }
      messages.push(message)
      bytes += HEADER_BYTES + message.body.length
    },
    end,
    fail(error) {
      messages = []
      next = 0
      bytes = 0
      end(error)
      ending ??= error
    },
    take() {
      if (receiver !== null) throw new TypeError('one receive() at a time')
      const message = messages[next]
      if (message !== undefined) {
        next += 1
        bytes -= HEADER_BYTES + message.body.length
        if (next === messages.length) {
          messages = []
          next = 0
          onEmpty()
        }
        return Promise.resolve(message)
      }
      if (ending === null) return Promise.resolve(null)
      if (ending !== undefined) return Promise.reject(ending)
      return new Promise((resolve, reject) => {
        receiver = { resolve, reject }
      })
    },
  }
}
