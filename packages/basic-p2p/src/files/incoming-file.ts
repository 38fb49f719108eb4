import { contain } from '@p2p-secure-chat/core/contain'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { ChunkReceiver } from './chunk-receiver.ts'
import type { FileTeller, FileUpdate } from './file-update.ts'
import type { PartialFile } from './partial-file.ts'
import { nextState, type Send, theirTrouble, type Transfer, type TransferFacts, type Transitions } from './transfer.ts'
import { type CancelCode, FILE_RESULT, type FileOffer, type ResultCode } from '../messages/files.ts'

/** Failures after which a partial file is useless. */
const USELESS: ReadonlySet<ErrorCode> = new Set(['bad-checksum', 'cancelled', 'file-changed'])

/**
 * States of a file from a peer.
 *
 * - `waiting`: for our user's answer
 * - `receiving`: accepted; chunks come while a connection has offered it
 * - `finishing`: complete, being verified and named, which alone decides the outcome
 * - `ended`: the outcome is decided
 */
type State = 'waiting' | 'receiving' | 'finishing' | 'ended'

const TRANSITIONS: Transitions<State> = {
  waiting: ['receiving', 'ended'],
  receiving: ['finishing', 'ended'],
  finishing: ['ended'],
  ended: [],
}

/** The outcome: the code to send to the sender, or null if the sender ended it. */
export type IncomingResult = { readonly code: ResultCode } | null

/** The remains of a file that did not arrive. */
type Left = Pick<FileUpdate, 'partial' | 'bytes'>

const ARRIVED: IncomingResult = { code: null }

export interface IncomingFileOptions {
  readonly offer: FileOffer
  readonly teller: FileTeller
  /** Opens its partial file in a folder. @returns null if the signal came first @throws {ChatError} as openPartial() */
  readonly openPartial: (folder: string, signal: AbortSignal) => Promise<PartialFile | null>
  /** Whether a later offer can resume it. */
  readonly resumable: boolean
  /** Called when the outcome is decided. */
  readonly onEnded: (result: IncomingResult) => void
  /** Called when its disk work is done, before the sender learns of it and may offer another file. */
  onCleared(): void
}

/** A file from a peer, from its offer to its end. */
export class IncomingFile implements Transfer {
  readonly facts: TransferFacts
  readonly offer: FileOffer
  readonly over: Promise<void>
  readonly #options: IncomingFileOptions
  #state: State = 'waiting'
  #endedByThem = false
  /** Sends on the connection that has offered it. */
  #send: Send | null = null
  /** Destination; null until it is accepted. */
  #folder: string | null = null
  /** Receives its chunks on the current connection; null until accepted, without a connection, and at the end. */
  #receiver: ChunkReceiver | null = null
  /** Its disk work on all connections; null while there is none. */
  #working: Promise<void> | null = null
  #partial: PartialFile | null = null
  #onOver = () => {}

  constructor(options: IncomingFileOptions) {
    this.#options = options
    this.offer = options.offer
    this.facts = options.teller.facts
    this.over = new Promise(resolve => {
      this.#onOver = resolve
    })
  }

  get waiting(): boolean {
    return this.#state === 'waiting'
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  /** Whether it cannot be offered now: the current connection has already offered it, or its sender has ended it. */
  get offered(): boolean {
    return this.#send !== null || this.#endedByThem
  }

  /** It is offered on a connection: an accepted file resumes. */
  connect(send: Send): void {
    this.#send = send
    this.#receive()
  }

  /** The connection is gone. */
  suspend(): void {
    this.#send = null
    this.#stopReceiver()
  }

  /** Accepts it into a folder. */
  accept(folder: string): void {
    if (this.#state !== 'waiting') return
    this.#enter('receiving')
    this.#folder = folder
    this.#receive()
  }

  /** @throws {ChatError} `unexpected-message` before accept(); `bad-message` for bytes that are not the next chunk */
  chunk(offset: number, bytes: Uint8Array): void {
    if (this.#receiver === null) {
      throw new ChatError('unexpected-message', `bytes of file ${this.offer.id}, which was not accepted`)
    }
    this.#receiver.chunk(offset, bytes)
  }

  /** Ends it from our side. */
  cancel(code: NonNullable<ResultCode>, message: string): Promise<void> {
    return this.#stop(code, message, { code })
  }

  /** The sender ends it. */
  cancelled(code: CancelCode): Promise<void> {
    return this.#stop(code, theirTrouble(code), null)
  }

  /** The conversation is over. */
  abandon(code: ErrorCode, message: string): Promise<void> {
    return this.#stop(code, message, null)
  }

  #stop(code: ErrorCode, message: string, result: IncomingResult): Promise<void> {
    if (this.#state === 'waiting' || this.#state === 'receiving') this.#fail(code, message, result)
    return this.over
  }

  /** Starts or resumes receiving, once it is accepted and a connection has offered it. */
  #receive(): void {
    if (this.#folder === null || this.#send === null || this.ended) return
    const { offer, teller } = this.#options
    const onSilence = () => void this.cancel('timeout', 'the sender stopped sending')
    this.#receiver = new ChunkReceiver({ offer, send: this.#send, teller, onSilence })
    this.#working ??= this.#work(this.#folder)
  }

  /** Finishes the disk work for one connection before that for the next one. */
  async #work(folder: string): Promise<void> {
    let latest: ChunkReceiver | null = null
    try {
      while (this.#receiver !== null && this.#receiver !== latest) {
        latest = this.#receiver
        await this.#receiveFrom(latest, folder)
      }
    } finally {
      this.#working = null
    }
  }

  /** Receives the missing bytes, verifies the file and names it. */
  async #receiveFrom(receiver: ChunkReceiver, folder: string): Promise<void> {
    const { teller, openPartial } = this.#options
    try {
      const partial = await openPartial(folder, receiver.signal)
      if (partial === null) return
      this.#partial = partial
      try {
        if (!(await receiver.fill(partial)) || this.ended) return
        this.#enter('finishing')
        const path = await partial.finish(this.offer.sha256, this.facts.name)
        this.#partial = null
        this.#end(ARRIVED)
        this.#clear(ARRIVED, () => teller.done(path))
      } finally {
        // Once ended, it may already be removed.
        if (!this.ended) await partial.close()
      }
    } catch (thrown) {
      const error = contain(thrown)
      const code = refusal(error.code)
      if (!this.ended) this.#fail(code, error.message, { code })
    }
  }

  #fail(code: ErrorCode, message: string, result: IncomingResult): void {
    this.#end(result)
    const failed = (left: Left) =>
      this.#clear(result, () => this.#options.teller.failed(code, message, { path: null, ...left }))
    if (this.#working === null && this.#partial === null) failed({ partial: null, bytes: 0 })
    else void this.#leave(code).then(failed)
  }

  #end(result: IncomingResult): void {
    this.#enter('ended')
    this.#endedByThem = result === null
    this.#stopReceiver()
    this.#options.onEnded(result)
  }

  /** Closes the partial file, or removes it if it is useless. */
  async #leave(code: ErrorCode): Promise<Left> {
    await this.#working
    if (this.#partial === null) return { partial: null, bytes: 0 }
    const { path, bytes } = this.#partial
    const keeps = this.#options.resumable && bytes > 0 && !USELESS.has(code)
    // The reason of the failure matters more than a problem with the remains.
    await (keeps ? this.#partial.close() : this.#partial.remove()).catch(contain)
    return { partial: keeps ? path : null, bytes }
  }

  /** Its disk work is done: frees its place before the sender learns of it. */
  #clear(result: IncomingResult, tell: () => Promise<void>): void {
    this.#options.onCleared()
    // On the current connection: a new one may have offered it again by now.
    if (result !== null) void this.#send?.(FILE_RESULT.message({ id: this.offer.id, code: result.code }))
    void tell().then(this.#onOver)
  }

  /** The one place where the state changes. */
  #enter(state: State): void {
    this.#state = nextState(TRANSITIONS, this.#state, state)
  }

  #stopReceiver(): void {
    this.#receiver?.stop()
    this.#receiver = null
  }
}

/** The code to send for an error of ours. */
function refusal(code: ErrorCode): NonNullable<ResultCode> {
  return code === 'too-many' || code === 'disk-full' || code === 'bad-checksum' ? code : 'unwritable'
}
