import { ChatError } from '@p2p-secure-chat/core/errors'
import { patience } from '@p2p-secure-chat/core/net/patience'
import type { FileTeller } from './file-update.ts'
import type { PartialFile } from './partial-file.ts'
import { type Send, WINDOW } from './transfer.ts'
import { CHUNK_BYTES, FILE_ACCEPT, FILE_PROGRESS, type FileOffer } from '../messages/files.ts'

/** How long an accepted sender may send nothing, in milliseconds: see PROGRESS_PATIENCE of an outgoing offer. */
const CHUNK_PATIENCE = 120_000

/** Bytes written between two reports to the sender: often enough to keep its window open. */
const PROGRESS_STEP = WINDOW / 8

/** Time between two reports on a slow line, in milliseconds. */
const PROGRESS_INTERVAL = 1_000

export interface ChunkReceiverOptions {
  readonly offer: FileOffer
  readonly send: Send
  readonly teller: FileTeller
  /** Called when the sender is silent for too long. */
  readonly onSilence: () => void
}

/** Receives the chunks of an accepted file on one connection, from our FILE_ACCEPT to its last byte. */
export class ChunkReceiver {
  readonly #options: ChunkReceiverOptions
  readonly #stopped = new AbortController()
  readonly #silence = patience()
  /** Bytes that have arrived but are not written yet, in order. */
  #pieces: Uint8Array[] = []
  /** Bytes of the file that have arrived; null before FILE_ACCEPT. */
  #arrived: number | null = null
  #written = 0
  #reported = 0
  #reportedAt = 0
  /** Resumes writing after a wait for chunks. */
  #wake = () => {}

  constructor(options: ChunkReceiverOptions) {
    this.#options = options
  }

  /** Aborts when it is stopped. */
  get signal(): AbortSignal {
    return this.#stopped.signal
  }

  stop(): void {
    this.#silence.end()
    this.#stopped.abort()
    this.#wake()
  }

  /**
   * Accepts the file and writes its chunks. Call it once.
   *
   * @returns whether the file is complete; if not, it was stopped
   * @throws {ChatError} as PartialFile.append()
   */
  async fill(file: PartialFile): Promise<boolean> {
    const { size } = this.#options.offer
    if (this.signal.aborted) return false
    this.#begin(file.bytes)
    while (this.#written < size) {
      if (this.#pieces.length === 0) {
        if (this.signal.aborted) return false
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
        continue
      }
      const pieces = this.#pieces
      this.#pieces = []
      await file.append(pieces)
      this.#written = file.bytes
      if (!this.signal.aborted) this.#report()
    }
    this.#silence.end()
    return !this.signal.aborted
  }

  /** @throws {ChatError} `unexpected-message` before FILE_ACCEPT; `bad-message` for bytes that are not the next chunk */
  chunk(offset: number, bytes: Uint8Array): void {
    const { id, size } = this.#options.offer
    if (this.#arrived === null) {
      throw new ChatError('unexpected-message', `bytes of file ${id}, which was not accepted`)
    }
    const end = offset + bytes.length
    if (offset !== this.#arrived || end > size) {
      throw new ChatError(
        'bad-message',
        `${bytes.length} bytes at ${offset} of file ${id}, after ${this.#arrived} of ${size}`,
      )
    }
    // Otherwise a window of single bytes would be a million pieces to keep.
    if (end % CHUNK_BYTES !== 0 && end !== size) {
      throw new ChatError('bad-message', `bytes of file ${id} up to ${end}, which is not a chunk boundary`)
    }
    if (end - this.#written > WINDOW) throw new ChatError('bad-message', `more of file ${id} than the window allows`)
    this.#expectChunk()
    this.#arrived = end
    this.#pieces.push(bytes)
    this.#wake()
  }

  #begin(bytes: number): void {
    const { offer, send, teller } = this.#options
    this.#arrived = bytes
    this.#written = bytes
    this.#reported = bytes
    this.#reportedAt = performance.now()
    void send(FILE_ACCEPT.message({ id: offer.id, offset: bytes }))
    this.#expectChunk()
    void teller.begun(bytes, null)
  }

  #report(): void {
    const { offer, send, teller } = this.#options
    const now = performance.now()
    const soon = this.#written - this.#reported < PROGRESS_STEP && now - this.#reportedAt < PROGRESS_INTERVAL
    if (soon && this.#written < offer.size) return
    this.#reported = this.#written
    this.#reportedAt = now
    void send(FILE_PROGRESS.message({ id: offer.id, offset: this.#written }))
    teller.progress(this.#written, null)
  }

  #expectChunk(): void {
    this.#silence.begin(CHUNK_PATIENCE, this.#options.onSilence)
  }
}
