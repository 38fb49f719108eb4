import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { patience } from '@p2p-secure-chat/core/net/patience'
import { ChunkReader, ChunkSender } from './chunk-sender.ts'
import type { FileTeller } from './file-update.ts'
import type { SourceFile } from './source-file.ts'
import { nextState, type Send, theirTrouble, type Transitions } from './transfer.ts'
import { type CancelCode, FILE_CANCEL, FILE_OFFER, type ResultCode } from '../messages/files.ts'

/** How long a person may take to accept a file, in milliseconds: a script that waits for it must end eventually. */
const ANSWER_PATIENCE = 10 * 60_000

/**
 * How long a receiver may make no progress, in milliseconds. This is well beyond the silence after which a connection counts
 * as lost, because then the file resumes on the next one.
 */
const PROGRESS_PATIENCE = 120_000

/** How long it may take to verify the file and sync it to disk, in milliseconds. */
const RESULT_PATIENCE = 120_000

/** The outcome of an offer of ours. */
export interface OfferOutcome {
  /** Null if the receiver has the file. */
  readonly code: ErrorCode | null
  readonly message: string
  /** Bytes that the receiver has confirmed. */
  readonly bytes: number
  /** Whether the receiver had no room for it, but may have later. */
  readonly refused: boolean
}

/**
 * States of an offer, which is repeated on every new connection.
 *
 * - `suspended`: no connection carries it
 * - `offered`: the receiver has not answered on this connection
 * - `sending`: the receiver has accepted, and chunks are being sent
 * - `ended`: the outcome is decided
 */
type State = 'suspended' | 'offered' | 'sending' | 'ended'

const TRANSITIONS: Transitions<State> = {
  suspended: ['offered', 'ended'],
  offered: ['sending', 'suspended', 'ended'],
  sending: ['suspended', 'ended'],
  ended: [],
}

export interface OutgoingOfferOptions {
  readonly id: number
  /** Stays open, since it may be offered again. */
  readonly source: SourceFile
  readonly teller: FileTeller
  /** Called once. */
  readonly onEnded: (outcome: OfferOutcome) => void
}

/** One offer of a file of ours under one id, across reconnects. */
export class OutgoingOffer {
  readonly #id: number
  readonly #source: SourceFile
  readonly #teller: FileTeller
  readonly #onEnded: (outcome: OfferOutcome) => void
  readonly #chunks: ChunkReader
  readonly #answer = patience()
  #state: State = 'suspended'
  /** Sends on the connection that carries it. */
  #send: Send | null = null
  /** The latest sender, active in the state `sending`; null before the first FILE_ACCEPT. */
  #sender: ChunkSender | null = null
  /** The furthest offset sent on earlier connections; null before the first FILE_ACCEPT. */
  #furthest: number | null = null

  constructor({ id, source, teller, onEnded }: OutgoingOfferOptions) {
    this.#id = id
    this.#source = source
    this.#teller = teller
    this.#onEnded = onEnded
    this.#chunks = new ChunkReader(id, source)
  }

  /** Offers it on a connection; the receiver answers with the offset it has. */
  connect(send: Send): void {
    const { name, size, sha256 } = this.#source
    this.#enter('offered')
    this.#send = send
    void send(FILE_OFFER.message({ id: this.#id, name, size, sha256 }))
    this.#expectWithin(ANSWER_PATIENCE, 'no-answer', 'nobody accepted it')
  }

  /** The connection is gone. */
  suspend(): void {
    if (this.#state === 'suspended') return
    this.#send = null
    this.#enter('suspended')
  }

  /** @throws {ChatError} `bad-message` for an offset beyond the end, `unexpected-message` if it is being sent */
  accepted(offset: number): void {
    const { size, path } = this.#source
    if (this.#state !== 'offered' || this.#send === null) {
      throw new ChatError('unexpected-message', `file ${this.#id} is already being sent`)
    }
    if (offset > size) {
      throw new ChatError('bad-message', `file ${this.#id} has ${size} bytes but the receiver claims ${offset}`)
    }
    this.#enter('sending')
    const onFailure = (error: ChatError) => this.#failed(error)
    this.#sender = new ChunkSender({ chunks: this.#chunks, send: this.#send, offset, onFailure })
    this.#expectProgress(offset)
    void this.#sender.run()
    void this.#teller.begun(offset, path)
  }

  /** @throws {ChatError} `bad-message` if it is not above the last one and within what was sent, `unexpected-message` */
  progressed(offset: number): void {
    if (this.#state !== 'sending' || this.#sender === null) {
      throw new ChatError('unexpected-message', `file ${this.#id} was not accepted`)
    }
    const { acknowledged, sent } = this.#sender
    if (offset <= acknowledged || offset > sent) {
      throw new ChatError(
        'bad-message',
        `the receiver claims ${offset} bytes of file ${this.#id} after ${acknowledged}, and ${sent} were sent`,
      )
    }
    this.#expectProgress(offset)
    this.#teller.progress(offset, this.#source.path)
    this.#sender.acknowledge(offset)
  }

  /** @throws {ChatError} `bad-message` if the receiver claims bytes that were never sent */
  resulted(code: ResultCode): void {
    if (code !== null) return this.#end(code, theirTrouble(code), code === 'too-many' || code === 'busy')
    // A receiver that had the whole file before the connection broke may say so at once.
    const sent = this.#state === 'sending' ? this.#sender?.sent : this.#furthest
    if (sent !== this.#source.size)
      throw new ChatError('bad-message', `the receiver claims all of file ${this.#id}, which was not sent to its end`)
    this.#end(null, '')
  }

  /** Ends it from our side. */
  cancel(code: CancelCode, message: string): void {
    void this.#send?.(FILE_CANCEL.message({ id: this.#id, code }))
    this.#end(code, message)
  }

  /** The conversation is over. */
  abandon(code: ErrorCode, message: string): void {
    this.#end(code, message)
  }

  /** An error of the connection needs nothing here: it suspends the file elsewhere. */
  #failed({ code, message }: ChatError): void {
    if (code === 'file-changed' || code === 'unreadable') this.cancel(code, message)
    else if (code === 'internal') this.cancel('cancelled', message)
  }

  #end(code: ErrorCode | null, message: string, refused = false): void {
    if (this.#state === 'ended') return
    const bytes = code === null ? this.#source.size : (this.#sender?.acknowledged ?? 0)
    this.#send = null
    this.#enter('ended')
    this.#onEnded({ code, message, bytes, refused })
  }

  /** The one place where the state changes; timers and sender of the last state end with it. */
  #enter(state: State): void {
    const last = this.#state
    this.#state = nextState(TRANSITIONS, last, state)
    this.#answer.end()
    if (last !== 'sending' || this.#sender === null) return
    this.#sender.stop()
    this.#furthest = Math.max(this.#furthest ?? 0, this.#sender.sent)
  }

  #expectProgress(offset: number): void {
    const milliseconds = offset === this.#source.size ? RESULT_PATIENCE : PROGRESS_PATIENCE
    this.#expectWithin(milliseconds, 'timeout', 'the receiver makes no progress')
  }

  #expectWithin(milliseconds: number, code: CancelCode, message: string): void {
    this.#answer.begin(milliseconds, () => this.cancel(code, message))
  }
}
