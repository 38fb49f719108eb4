import { ChatError } from '../errors.ts'
import { type FrameDecoder, type FrameLimits, frameDecoder, type Message } from './frame.ts'

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
  /** Ends it behind the bytes that wait: cleanly (null) or with an error. Only the first call counts. */
  end(how: ChatError | null): void
  /** Drops the bytes that wait; from now on take() fails, with `error` unless it ended with an error before. */
  fail(error: ChatError): void
  /** The next message, if its bytes wait here; undefined when take() has to be asked, also about an error. */
  poll(): Message | undefined
  /**
   * Waits for the next message.
   *
   * @returns null when it ended cleanly
   * @throws {ChatError} the error with which it ended; `cut` when it ended cleanly, but in the middle of a message; what
   * frameDecoder() throws, and then it has ended with that
   * @throws {TypeError} when another take() waits
   */
  take(): Promise<Message | null>
}

/** Memory that a chunk takes besides its bytes: a sender of single bytes must not fill more of it than anyone else. */
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
export function messageInbox(limits: FrameLimits, events: InboxEvents): Inbox {
  return new ChunkedInbox(limits, events)
}

/** A class, for each of thousands of connections has one. */
class ChunkedInbox implements Inbox {
  readonly #decoder: FrameDecoder
  readonly #events: InboxEvents
  #chunks: Uint8Array[] = []
  /** Memory of the chunks that the decoder is still waiting to read. */
  #unfed = 0
  #empty = true
  #ending: ChatError | null | undefined
  #failure: ChatError | null = null
  #receiver: { resolve(message: Message | null): void; reject(error: unknown): void } | null = null

  constructor(limits: FrameLimits, events: InboxEvents) {
    this.#decoder = frameDecoder(limits)
    this.#events = events
  }

  get bytes(): number {
    return this.#unfed + this.#decoder.rest
  }

  get ended(): boolean {
    return this.#ending !== undefined || this.#failure !== null
  }

  put(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#unfed += CHUNK_OVERHEAD + chunk.length
    this.#empty = false
    this.#wake()
  }

  end(how: ChatError | null): void {
    if (this.#ending === undefined) this.#ending = how
    this.#wake()
  }

  fail(error: ChatError): void {
    this.#failure ??= this.#ending ?? error
    this.#drop()
    this.#wake()
  }

  poll(): Message | undefined {
    if (this.#failure !== null || this.#empty) return undefined
    try {
      return this.#decode() ?? undefined
    } catch (error) {
      if (error instanceof ChatError) return undefined
      throw error
    }
  }

  take(): Promise<Message | null> {
    if (this.#receiver !== null) throw new TypeError('one receive() at a time')
    try {
      const found = this.#next()
      if (found !== undefined) return Promise.resolve(found)
    } catch (error) {
      return Promise.reject(error)
    }
    return new Promise((resolve, reject) => {
      this.#receiver = { resolve, reject }
    })
  }

  /** Gives the waiting receiver what there is, if anything. */
  #wake(): void {
    const receiver = this.#receiver
    if (receiver === null) return
    try {
      const found = this.#next()
      if (found === undefined) return
      this.#receiver = null
      receiver.resolve(found)
    } catch (error) {
      this.#receiver = null
      receiver.reject(error)
    }
  }

  /** The next message, or null at the end; undefined when neither is there yet. */
  #next(): Message | null | undefined {
    if (this.#failure !== null) throw this.#failure
    const message = this.#decode()
    if (message !== null) return message
    if (this.#ending === null && this.#decoder.midFrame) {
      throw this.#fault(new ChatError('cut', 'the connection ended in the middle of a message'))
    }
    if (this.#ending instanceof ChatError) throw this.#ending
    return this.#ending
  }

  /** The next message of what waits; null when that does not make up one. */
  #decode(): Message | null {
    try {
      let message = this.#decoder.next()
      for (let chunk = this.#chunks[0]; message === null && chunk !== undefined; chunk = this.#chunks[0]) {
        this.#chunks.shift()
        this.#unfed -= CHUNK_OVERHEAD + chunk.length
        this.#decoder.feed(chunk)
        message = this.#decoder.next()
      }
      if (!this.#empty && this.bytes === 0) {
        this.#empty = true
        this.#events.onEmpty()
      }
      return message
    } catch (error) {
      throw error instanceof ChatError ? this.#fault(error) : error
    }
  }

  #fault(error: ChatError): ChatError {
    this.#failure = error
    this.#drop()
    this.#events.onFault(error)
    return error
  }

  #drop(): void {
    this.#chunks = []
    this.#unfed = 0
    this.#decoder.feed(NOTHING)
  }
}
