import { ChatError } from '@p2p-secure-chat/core/errors'
import type { TellFile } from './file-update.ts'
import { OutgoingFile } from './outgoing-file.ts'
import { OutgoingOffer, type OutgoingOfferOptions } from './outgoing-offer.ts'
import { sizeOfSource } from './source-file.ts'
import { FILES_AT_ONCE, type Send, type Transfer } from './transfer.ts'
import { FILE_CANCEL, type ResultCode } from '../messages/files.ts'

/** Limit of the queue: more files than a person keeps track of, about a megabyte. A pipe waits for room. */
export const FILES_WAITING = 1_000

export interface OutgoingFilesOptions {
  readonly tell: TellFile
  /** Called with each queued file. */
  readonly onBegun: (file: Transfer) => void
}

/** A file of ours that is offered or queued. */
export interface QueuedFile {
  readonly id: number
  /** Number of files queued before it; null if its turn has come. */
  readonly before: number | null
}

/** Our files in one conversation: FILES_AT_ONCE are under way, the others are queued. */
export class OutgoingFiles {
  readonly #options: OutgoingFilesOptions
  readonly #queued = new Set<OutgoingFile>()
  readonly #underWay = new Set<OutgoingFile>()
  /** Looks at files one after the other, to keep the order of the commands. */
  #looking: Promise<unknown> = Promise.resolve()
  #lookedFor = 0
  /** Resolve the callers that wait for room in the queue. */
  #onRoom: (() => void)[] = []
  #lastFile = 0
  readonly #offers = new Map<number, OutgoingOffer>()
  #lastOffer = 0
  /** The last offer made on an earlier connection. */
  #lastHeard = 0
  /** Offers that the receiver knows, but that ended between two connections. */
  #takenBack: number[] = []
  #send: Send | null = null
  #ended = false

  constructor(options: OutgoingFilesOptions) {
    this.#options = options
  }

  /**
   * Queues a file; settles once it is offered or queued and there is room for another one.
   *
   * @throws {ChatError} `too-many` if called without waiting for that; `unreadable`, `closed`
   */
  async send(path: string): Promise<QueuedFile> {
    if (this.#queued.size + this.#lookedFor >= FILES_WAITING) {
      throw new ChatError('too-many', `${FILES_WAITING} files are already waiting for their turn`, {
        hint: 'wait until some of them have arrived; /cancel removes the last one',
      })
    }
    const size = await this.#look(path)
    if (this.#ended) throw new ChatError('closed', 'the conversation is over')
    const file = this.#enqueue(path, size)
    const before = this.#queued.has(file) ? this.#queued.size - 1 : null
    await file.prepared
    if (this.#queued.size >= FILES_WAITING) await new Promise<void>(resolve => this.#onRoom.push(resolve))
    return { id: file.facts.id, before }
  }

  /** Resumes on a new connection. */
  connect(send: Send): void {
    this.#send = send
    // In the order of their ids, so the ones to resume come first.
    for (const offer of this.#offers.values()) offer.connect(send)
    for (const id of this.#takenBack) void send(FILE_CANCEL.message({ id, code: 'cancelled' }))
    this.#takenBack = []
  }

  /** The connection is gone. */
  disconnect(): void {
    this.#send = null
    this.#lastHeard = this.#lastOffer
  }

  /** @throws {ChatError} as OutgoingOffer.accepted(); `bad-message` for an id that was never offered, as the next two */
  accepted(id: number, offset: number): void {
    this.#offered(id)?.accepted(offset)
  }

  /** @throws {ChatError} as OutgoingOffer.progressed() */
  progressed(id: number, offset: number): void {
    this.#offered(id)?.progressed(offset)
  }

  /** @throws {ChatError} as OutgoingOffer.resulted() */
  resulted(id: number, code: ResultCode): void {
    this.#offered(id)?.resulted(code)
  }

  /** Refuses further files. */
  end(): void {
    this.#ended = true
  }

  /** @returns bytes of the file now @throws {ChatError} `unreadable` */
  async #look(path: string): Promise<number> {
    this.#lookedFor += 1
    const look = this.#looking.then(() => sizeOfSource(path))
    this.#looking = look.catch(() => undefined)
    try {
      return await look
    } finally {
      this.#lookedFor -= 1
    }
  }

  #enqueue(path: string, size: number): OutgoingFile {
    this.#lastFile += 1
    const file = new OutgoingFile({
      path,
      size,
      id: this.#lastFile,
      tell: this.#options.tell,
      offer: options => this.#offer(options),
      onOver: () => {
        this.#queued.delete(file)
        this.#underWay.delete(file)
        this.#beginNext()
      },
    })
    this.#queued.add(file)
    this.#options.onBegun(file)
    this.#beginNext()
    return file
  }

  #beginNext(): void {
    for (const file of this.#queued) {
      if (this.#underWay.size >= FILES_AT_ONCE) break
      this.#queued.delete(file)
      this.#underWay.add(file)
      file.begin()
    }
    if (this.#queued.size >= FILES_WAITING) return
    for (const resolve of this.#onRoom) resolve()
    this.#onRoom = []
  }

  #offer({ source, teller, onEnded }: Omit<OutgoingOfferOptions, 'id'>): OutgoingOffer {
    this.#lastOffer += 1
    const id = this.#lastOffer
    const offer = new OutgoingOffer({
      id,
      source,
      teller,
      onEnded: outcome => {
        this.#offers.delete(id)
        if (this.#send === null && id <= this.#lastHeard) this.#takenBack.push(id)
        onEnded(outcome)
      },
    })
    this.#offers.set(id, offer)
    if (this.#send !== null) offer.connect(this.#send)
    return offer
  }

  /** @returns null for an offer that is over: the message crossed its end */
  #offered(id: number): OutgoingOffer | null {
    if (id > this.#lastOffer) throw new ChatError('bad-message', `file ${id} was never offered`)
    return this.#offers.get(id) ?? null
  }
}
