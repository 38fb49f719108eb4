import { ChatError } from '../errors.ts'
import { type FrameLimits, frameDecoder, type Message } from './frame.ts'

/**
 * Bytes that arrived and wait to be received as messages, and how receiving ended. They are decoded one message at a time,
 * when it is asked for: until then thousands of small messages take no more memory than their bytes, and no work.
 */
export interface Inbox {
  /** Memory that what waits takes, in bytes. */
  readonly bytes: number
  /** Whether nothing more comes in. */
  readonly ended: boolean
  put(chunk: Uint8Array): void
  /** Ends it behind the bytes that wait: in order (null) or with an error. Only the first call counts. */
  end(how: ChatError | null): void
  /** Drops the bytes that wait; from now on take() fails, with `error` unless it ended with an error before. */
  fail(error: ChatError): void
  /**
   * Waits for the next message.
   *
   * @returns null when it ended in order
   * @throws {ChatError} the error with which it ended; `cut` when it ended in order, but in the middle of a message; what
   * frameDecoder() throws, and then it has ended with that
   * @throws {TypeError} when another take() waits
   */
  take(): Promise<Message | null>
}

/** Memory that a chunk takes besides its bytes: who sends byte by byte must not fill more of it than anyone else. */
const CHUNK_OVERHEAD = 512

const NOTHING = new Uint8Array(0)

/** What the owner of an inbox wants to know. */
export interface InboxEvents {
  /** The last of the bytes that waited was taken. */
  onEmpty(): void
  /** What came breaks the rules. */
  onFault(error: ChatError): void
}

/** @param limits the types to let through, each with its largest body in bytes */
export function messageInbox(limits: FrameLimits, { onEmpty, onFault }: InboxEvents): Inbox {
  const decoder = frameDecoder(limits)
  let chunks: Uint8Array[] = []
  /** Memory of the chunks that the decoder has not got yet. */
  let unfed = 0
  let empty = true
  let ending: ChatError | null | undefined
  let failure: ChatError | null = null
  let receiver: { resolve(message: Message | null): void; reject(error: unknown): void } | null = null

  function drop(): void {
    chunks = []
    unfed = 0
    decoder.feed(NOTHING)
  }

  function fault(error: ChatError): ChatError {
    failure = error
    drop()
    onFault(error)
    return error
  }

  /** The next message of what waits; null when that does not make up one. */
  function decode(): Message | null {
    let message = decoder.next()
    while (message === null) {
      const chunk = chunks.shift()
      if (chunk === undefined) break
      unfed -= CHUNK_OVERHEAD + chunk.length
      decoder.feed(chunk)
      message = decoder.next()
    }
    if (!empty && unfed + decoder.rest === 0) {
      empty = true
      onEmpty()
    }
    return message
  }

  /** The next message, or null at the end; undefined when neither is there yet. */
  function poll(): Message | null | undefined {
    if (failure !== null) throw failure
    let message: Message | null
    try {
      message = decode()
    } catch (error) {
      throw error instanceof ChatError ? fault(error) : error
    }
    if (message !== null) return message
    if (ending === null && decoder.midFrame) {
      throw fault(new ChatError('cut', 'the connection ended in the middle of a message'))
    }
    if (ending instanceof ChatError) throw ending
    return ending
  }

  function wake(): void {
    if (receiver === null) return
    const { resolve, reject } = receiver
    try {
      const found = poll()
      if (found === undefined) return
      receiver = null
      resolve(found)
    } catch (error) {
      receiver = null
      reject(error)
    }
  }

  return {
    get bytes() {
      return unfed + decoder.rest
    },
    get ended() {
      return ending !== undefined || failure !== null
    },
    put(chunk) {
      chunks.push(chunk)
      unfed += CHUNK_OVERHEAD + chunk.length
      empty = false
      wake()
    },
    end(how) {
      if (ending === undefined) ending = how
      wake()
    },
    fail(error) {
      failure ??= ending ?? error
      drop()
      wake()
    },
    take() {
      if (receiver !== null) throw new TypeError('one receive() at a time')
      try {
        const found = poll()
        if (found !== undefined) return Promise.resolve(found)
      } catch (error) {
        return Promise.reject(error)
      }
      return new Promise((resolve, reject) => {
        receiver = { resolve, reject }
      })
    },
  }
}
