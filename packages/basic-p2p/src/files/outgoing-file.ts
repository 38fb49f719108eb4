import { basename } from 'node:path'
import { contain, contained } from '@p2p-secure-chat/core/contain'
import type { ErrorCode } from '@p2p-secure-chat/core/errors'
import { FileTeller, type TellFile } from './file-update.ts'
import type { OfferOutcome, OutgoingOffer, OutgoingOfferOptions } from './outgoing-offer.ts'
import { openSource, type SourceFile } from './source-file.ts'
import { nextState, type Transfer, type TransferFacts, type Transitions } from './transfer.ts'

/**
 * Pauses before a file is offered again to a receiver that had no room for it, in milliseconds: half a minute in all. Its
 * disk may be busy, or others may be sending it files.
 */
export const OFFER_PAUSES: readonly number[] = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000]

/**
 * States of a file of ours.
 *
 * - `queued`: waits for its turn
 * - `preparing`: being opened and hashed
 * - `offered`: an offer is under way, from FILE_OFFER to the last chunk
 * - `pausing`: the receiver had no room for it; it is offered again after a pause
 * - `ended`: the outcome is decided
 */
type State = 'queued' | 'preparing' | 'offered' | 'pausing' | 'ended'

const TRANSITIONS: Transitions<State> = {
  queued: ['preparing', 'ended'],
  preparing: ['offered', 'ended'],
  offered: ['pausing', 'ended'],
  pausing: ['offered', 'ended'],
  ended: [],
}

export interface OutgoingFileOptions {
  readonly path: string
  /** In bytes, when it was queued. */
  readonly size: number
  /** Number among our files in the conversation. */
  readonly id: number
  readonly tell: TellFile
  /** Makes an offer with the next id. */
  offer(options: Omit<OutgoingOfferOptions, 'id'>): OutgoingOffer
  /** Called when it is over, so that another one may start. */
  onOver(): void
}

/** A file of ours, from the command to its end: queued, hashed, and offered. */
export class OutgoingFile implements Transfer {
  readonly facts: TransferFacts
  readonly waiting = false
  readonly over: Promise<void>
  readonly #options: OutgoingFileOptions
  readonly #pauses = [...OFFER_PAUSES]
  /** Stops the hashing. */
  readonly #stop = new AbortController()
  #state: State = 'queued'
  #teller: FileTeller
  #prepared: Promise<void> = Promise.resolve()
  #source: SourceFile | null = null
  /** The current offer, in the state `offered`. */
  #offer: OutgoingOffer | null = null
  #pause: NodeJS.Timeout | undefined
  #onOver = () => {}

  constructor(options: OutgoingFileOptions) {
    const { path, size, id, tell } = options
    this.#options = options
    this.facts = { direction: 'out', id, name: basename(path), size }
    this.#teller = new FileTeller({ ...this.facts, sha256: null }, tell)
    this.over = new Promise(resolve => {
      this.#onOver = resolve
    })
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  /** Settles when it is offered or has failed; while it is queued, at once. */
  get prepared(): Promise<void> {
    return this.#prepared
  }

  /** Its turn has come. */
  begin(): void {
    if (this.#state !== 'queued') return
    this.#enter('preparing')
    this.#prepared = this.#prepare()
  }

  suspend(): void {
    this.#offer?.suspend()
  }

  cancel(code: 'cancelled' | 'closed', message: string): Promise<void> {
    if (this.#offer === null) return this.#fail(code, message)
    this.#offer.cancel(code, message)
    return this.over
  }

  abandon(code: ErrorCode, message: string): Promise<void> {
    if (this.#offer === null) return this.#fail(code, message)
    this.#offer.abandon(code, message)
    return this.over
  }

  async #prepare(): Promise<void> {
    const { path, tell } = this.#options
    try {
      const source = await openSource(path, this.#stop.signal)
      this.#source = source
      if (this.ended) return
      const { size, sha256 } = source
      this.#teller = new FileTeller({ ...this.facts, size, sha256 }, tell)
      contained(this.#teller.offered(path, false))
      if (!this.ended) this.#offerNow(source)
    } catch (thrown) {
      this.#failWith(thrown)
    }
  }

  #offerNow(source: SourceFile): void {
    try {
      this.#enter('offered')
      const onEnded = (outcome: OfferOutcome) => this.#follow(source, outcome)
      this.#offer = this.#options.offer({ source, teller: this.#teller, onEnded })
    } catch (thrown) {
      this.#failWith(thrown)
    }
  }

  /** The offer is over, and possibly the file. */
  #follow(source: SourceFile, { code, message, bytes, refused }: OfferOutcome): void {
    const pause = refused ? this.#pauses.shift() : undefined
    if (pause !== undefined) {
      this.#enter('pausing')
      this.#pause = setTimeout(() => this.#offerNow(source), pause)
    } else if (code === null) {
      void this.#end(() => this.#teller.done(this.#options.path))
    } else {
      void this.#fail(code, message, bytes)
    }
  }

  #failWith(thrown: unknown): void {
    const { code, message } = contain(thrown)
    void this.#fail(code, message)
  }

  #fail(code: ErrorCode, message: string, bytes = 0): Promise<void> {
    return this.#end(() => this.#teller.failed(code, message, { path: this.#options.path, partial: null, bytes }))
  }

  async #end(tellEnd: () => Promise<void>): Promise<void> {
    if (this.ended) return this.over
    this.#enter('ended')
    this.#stop.abort()
    const told = tellEnd()
    await this.#prepared
    await this.#source?.close()
    // It keeps its place until then; otherwise output that nobody reads would pile up.
    await told
    this.#options.onOver()
    this.#onOver()
  }

  /** The one place where the state changes. */
  #enter(state: State): void {
    this.#state = nextState(TRANSITIONS, this.#state, state)
    clearTimeout(this.#pause)
    this.#offer = null
  }
}
