import { contain, ignorable } from '@p2p-secure-chat/core/contain'
import type { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { SourceFile } from './source-file.ts'
import { type Send, WINDOW, WINDOW_CHUNKS } from './transfer.ts'
import { CHUNK_BYTES, FILE_CHUNK } from '../messages/files.ts'

/** Chunks to read from the disk at once, while earlier ones are being sent. */
const READ_CHUNKS = 8

/** Reads the chunks of one offer, across reconnects. */
export class ChunkReader {
  readonly #id: number
  readonly #source: SourceFile
  /** A ring of reused buffers: each is free again once the receiver has confirmed its chunk. */
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
   * Settles when no read is under way: one for an earlier connection must not overwrite buffers of a later one.
   */
  idle(): Promise<unknown> {
    return this.#reading.catch(() => undefined)
  }

  /**
   * Reads some of the next chunks; the last chunk of the file only if the file has not changed.
   *
   * @param start offset of the first chunk
   * @param last highest offset at which a chunk may start
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
    // Before the last bytes leave: the receiver should hear the reason, not just that the checksum differs.
    if (position === size) await this.#source.requireUnchanged()
    return messages
  }
}

export interface ChunkSenderOptions {
  readonly chunks: ChunkReader
  readonly send: Send
  /** Bytes that the receiver already has. */
  readonly offset: number
  /** Called if the file cannot be read to its end. */
  readonly onFailure: (error: ChatError) => void
}

/** Sends the chunks of an accepted file on one connection, as far ahead as the window allows. */
export class ChunkSender {
  readonly #chunks: ChunkReader
  readonly #send: Send
  readonly #onFailure: (error: ChatError) => void
  #readTo: number
  #sent: number
  #acknowledged: number
  #stopped = false
  /** Resumes reading after a wait for room in the window. */
  #wake = () => {}

  constructor({ chunks, send, offset, onFailure }: ChunkSenderOptions) {
    this.#chunks = chunks
    this.#send = send
    this.#onFailure = onFailure
    this.#readTo = offset
    this.#sent = offset
    this.#acknowledged = offset
  }

  /** Offset up to which the file was sent, now or earlier. */
  get sent(): number {
    return this.#sent
  }

  /** Bytes that the receiver has confirmed as written. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  /** The receiver has written up to this offset, which makes room in the window. */
  acknowledge(offset: number): void {
    this.#acknowledged = offset
    this.#wake()
  }

  stop(): void {
    this.#stopped = true
    this.#wake()
  }

  /** Sends the rest of the file; settles at its end or when stopped. Call it once. */
  async run(): Promise<void> {
    try {
      await this.#chunks.idle()
      let next = this.#nextChunks()
      for (let messages = await next; messages !== null; messages = await next) {
        // Read the disk while writing to the network.
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

  /** @returns null at the end of the file or when stopped */
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

  /** Highest offset of a chunk that still fits into the window. */
  get #lastStart(): number {
    return this.#acknowledged + WINDOW - CHUNK_BYTES
  }
}
