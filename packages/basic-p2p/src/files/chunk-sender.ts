import { contain, ignorable } from '@p2p-secure-chat/core/contain'
import type { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { SourceFile } from './source-file.ts'
import { type Send, WINDOW, WINDOW_CHUNKS } from './transfer.ts'
import { CHUNK_BYTES, FILE_CHUNK } from '../messages/files.ts'

/** Chunks that are read from the disk at once, while those before them are sent. */
const READ_CHUNKS = 8

/** Reads the chunks of one offer, over one connection after the other. */
export class ChunkReader {
  readonly #id: number
  readonly #source: SourceFile
  /** Buffers in turn: one is free for the next chunk once the receiver has the last one that was in it. */
  readonly #ring: Uint8Array[] = []
  #reading: Promise<unknown> = Promise.resolve()

  constructor(id: number, source: SourceFile) {
    this.#id = id
    this.#source = source
  }

  get size(): number {
    return this.#source.size
  }

  /**
   * Settles when nothing is being read: buffers of an earlier connection must not be filled after those of a later one.
   */
  idle(): Promise<unknown> {
    return this.#reading.catch(() => undefined)
  }

  /**
   * Reads some of the chunks that follow; the last of the file only if nobody wrote to it meanwhile.
   *
   * @param start offset of the first of them
   * @param last offset at which the last of them may begin
   * @throws {ChatError} `unreadable`, `file-changed`
   */
  async read(start: number, last: number): Promise<Message[]> {
    const { size } = this.#source
    const messages: Message[] = []
    const targets: Uint8Array[] = []
    let position = start
    while (position < size && position <= last && messages.length < READ_CHUNKS) {
      const slot = Math.floor(position / CHUNK_BYTES) % WINDOW_CHUNKS
      const buffer = (this.#ring[slot] ??= new Uint8Array(FILE_CHUNK.headBytes + CHUNK_BYTES))
      const length = Math.min(CHUNK_BYTES - (position % CHUNK_BYTES), size - position)
      const body = buffer.subarray(0, FILE_CHUNK.headBytes + length)
      targets.push(body.subarray(FILE_CHUNK.headBytes))
      messages.push(FILE_CHUNK.messageIn(body, { id: this.#id, offset: position }))
      position += length
    }
    const read = this.#source.read(targets, start)
    this.#reading = ignorable(read)
    await read
    // Before the last bytes leave: the receiver must hear why they do not come, and not just that nothing fits.
    if (position === size) await this.#source.requireUnchanged()
    return messages
  }
}

export interface ChunkSenderOptions {
  readonly chunks: ChunkReader
  readonly send: Send
  /** Bytes that the receiver has already. */
  readonly offset: number
  /** Called when the file cannot be read to its end. */
  readonly onFailure: (error: ChatError) => void
}

/** Sends the chunks of an accepted file on one connection, as far ahead of the receiver as the window allows. */
export class ChunkSender {
  readonly #chunks: ChunkReader
  readonly #send: Send
  readonly #onFailure: (error: ChatError) => void
  #readTo: number
  #sent: number
  #acknowledged: number
  #stopped = false
  /** Goes on with reading where it waits for room in the window. */
  #wake = () => {}

  constructor({ chunks, send, offset, onFailure }: ChunkSenderOptions) {
    this.#chunks = chunks
    this.#send = send
    this.#onFailure = onFailure
    this.#readTo = offset
    this.#sent = offset
    this.#acknowledged = offset
  }

  /** Offset up to which the file has been sent, or was there before. */
  get sent(): number {
    return this.#sent
  }

  /** Bytes that the receiver has written. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  /** The receiver has written up to there, which makes room in the window. */
  acknowledge(offset: number): void {
    this.#acknowledged = offset
    this.#wake()
  }

  stop(): void {
    this.#stopped = true
    this.#wake()
  }

  /** Sends what is missing; settles at the end of the file, or once it was stopped. Called once. */
  async run(): Promise<void> {
    try {
      await this.#chunks.idle()
      let next = this.#nextChunks()
      for (let messages = await next; messages !== null; messages = await next) {
        // The disk is read while the network is written to.
        next = ignorable(this.#nextChunks())
        for (const message of messages) {
          if (this.#stopped) return
          this.#sent += message.body.length - FILE_CHUNK.headBytes
          await this.#send(message)
        }
      }
    } catch (thrown) {
      const error = contain(thrown)
      if (!this.#stopped) this.#onFailure(error)
    }
  }

  /** @returns null at the end of the file, or once it was stopped */
  async #nextChunks(): Promise<Message[] | null> {
    if (this.#readTo === this.#chunks.size) return null
    while (!this.#stopped && this.#readTo > this.#lastStart) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    if (this.#stopped) return null
    const messages = await this.#chunks.read(this.#readTo, this.#lastStart)
    for (const { body } of messages) this.#readTo += body.length - FILE_CHUNK.headBytes
    return messages
  }

  /** Offset at which the last chunk may begin that still fits into the window. */
  get #lastStart(): number {
    return this.#acknowledged + WINDOW - CHUNK_BYTES
  }
}
