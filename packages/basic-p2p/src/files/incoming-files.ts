import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Allowances, allowances, type Rate } from '@p2p-secure-chat/core/limits/allowances'
import { patience } from '@p2p-secure-chat/core/net/patience'
import { safeFileName } from './file-name.ts'
import { FileTeller, type TellFile } from './file-update.ts'
import { IncomingFile, type IncomingResult } from './incoming-file.ts'
import { openPartial, PARTIALS_OPEN, partialsAreFull } from './partial-file.ts'
import { FILES_AT_ONCE, type Send, type Transfer, WINDOW } from './transfer.ts'
import { type CancelCode, FILE_CHUNK, FILE_RESULT, type FileOffer, type ResultCode } from '../messages/files.ts'

/** What happens to a file that a peer offers. */
export interface FilePolicy {
  readonly decision: 'ask' | 'accept' | 'decline'
  /** Where files go. */
  readonly folder: string
}

/** Offers of one peer that a person is asked about, or told that they were declined: each is a line to read. */
export const OFFERS_SHOWN: Rate = { burst: 64, interval: 1_000 }

/**
 * Offers of one peer that are accepted unasked and come to nothing: each may make a file and remove it, and is told twice.
 * Files that arrive are not counted, however many there are.
 */
export const OFFERS_WASTED: Rate = { burst: 64, interval: 100 }

/**
 * How long a sender may take to offer a file again on a new connection, in milliseconds. It is the first it does, but the
 * connection may be slow, or the sender be stopped: then it is lost before that.
 */
const RENEWAL_PATIENCE = 60_000

export interface IncomingFilesOptions {
  readonly policy: FilePolicy
  /** Names the partial file of an offer; null where nobody knows who would go on with it. */
  readonly partialKey: ((offer: FileOffer) => string) | null
  readonly tell: TellFile
  /** Numbers the files that are offered; none comes twice, so that an answer to an old offer never falls on a new one. */
  readonly nextNumber: () => number
  /** Called with each file that is not refused at once. */
  readonly onBegun: (file: Transfer) => void
}

/** The files of a peer in one conversation. A file has its place from its offer until its disk work is over. */
export class IncomingFiles {
  readonly #options: IncomingFilesOptions
  readonly #acceptsAll: boolean
  readonly #offers: Allowances
  readonly #files = new Map<number, IncomingFile>()
  readonly #endedFiles = new EndedFiles()
  /** The time for files of an earlier connection to be offered on the present one. */
  readonly #renewal = patience()
  #send: Send | null = null
  /** Counts the connections. */
  #connection = 0
  #latestId = 0

  constructor(options: IncomingFilesOptions) {
    this.#options = options
    this.#acceptsAll = options.policy.decision === 'accept'
    this.#offers = allowances(this.#acceptsAll ? OFFERS_WASTED : OFFERS_SHOWN)
  }

  /** @throws {ChatError} `no-file` where that file waits for no answer; `too-many` when it has to wait for other files */
  accept(number: number): void {
    const file = this.#waitingFile(number)
    if (partialsAreFull()) {
      throw new ChatError('too-many', `${PARTIALS_OPEN} files are being received already`, {
        hint: 'accept it when one of them is over',
      })
    }
    file.accept(this.#options.policy.folder)
  }

  /** @throws {ChatError} `no-file` */
  decline(number: number): void {
    void this.#waitingFile(number).cancel('declined', 'you declined it')
  }

  /** Goes on over that connection, on which the sender offers again what is not over. */
  connect(send: Send): void {
    this.#send = send
    this.#connection += 1
    if (this.#files.size > 0) this.#renewal.begin(RENEWAL_PATIENCE, () => this.#giveUpUnrenewed())
  }

  /** The connection is gone. */
  disconnect(): void {
    this.#send = null
    this.#renewal.end()
  }

  /**
   * Takes an offer; settles when our user has heard of it, or others had their turn.
   *
   * @throws {ChatError} `bad-message`, as the next two
   */
  offered(offer: FileOffer): Promise<void> | void {
    const { id } = offer
    const known = this.#files.get(id)
    if (known !== undefined) return this.#renew(known, offer)
    const result = this.#endedFiles.resultOf(id, this.#connection)
    if (result !== undefined) return this.#sendResult(id, result)
    if (id <= this.#latestId) throw new ChatError('bad-message', `file ${id} was offered already`)
    this.#latestId = id
    this.#forgetUnrenewed()
    if (this.#hasPlace()) return this.#begin(offer)
    this.#endedFiles.add(id, 'too-many', this.#connection)
    this.#sendResult(id, 'too-many')
    // A sender that makes many of them at once does not keep everybody else waiting.
    return nextTurn()
  }

  /** @throws {ChatError} `unexpected-message` */
  chunk(body: Uint8Array): void {
    const { id, offset, bytes } = FILE_CHUNK.read(body)
    const file = this.#files.get(id)
    if (file !== undefined && !file.ended) return file.chunk(offset, bytes)
    this.#endedFiles.takeLate(id, bytes.length)
  }

  cancelled(id: number, code: CancelCode): void {
    if (id > this.#latestId) throw new ChatError('bad-message', `file ${id} was never offered`)
    void this.#files.get(id)?.cancelled(code)
  }

  /** The conversation is over: nothing is offered again. */
  end(): void {
    this.#renewal.end()
  }

  /** A sender cannot know when the work for a file that it ended is over, so what comes too soon is no breach. */
  #hasPlace(): boolean {
    if (this.#files.size >= FILES_AT_ONCE || this.#offers.left('') < 1) return false
    return !this.#acceptsAll || !partialsAreFull()
  }

  #begin(offer: FileOffer): Promise<void> {
    const { policy, partialKey, tell, nextNumber, onBegun } = this.#options
    const { id, size, sha256 } = offer
    const name = safeFileName(offer.name)
    const teller = new FileTeller({ direction: 'in', id: nextNumber(), name, size, sha256 }, tell)
    const key = partialKey?.(offer) ?? randomBytes(16).toString('hex')
    const file = new IncomingFile({
      offer,
      teller,
      resumable: partialKey !== null,
      openPartial: (folder, signal) => openPartial(folder, key, size, signal),
      onEnded: result => this.#noteEnd(file, result),
      onCleared: () => void this.#files.delete(id),
    })
    this.#files.set(id, file)
    onBegun(file)
    if (!this.#acceptsAll) this.#offers.charge('', 1)
    if (this.#send !== null) file.connect(this.#send)
    const told = teller.offered(null, policy.decision === 'ask')
    if (policy.decision === 'accept') file.accept(policy.folder)
    if (policy.decision === 'decline') void file.cancel('declined', 'files are not accepted here')
    return told
  }

  #noteEnd({ offer, offered }: IncomingFile, result: IncomingResult): void {
    // Between a new connection and the offer on it, only the last one has heard of the file.
    const heard = offered ? this.#connection : this.#connection - 1
    if (result !== null) this.#endedFiles.add(offer.id, result.code, heard)
    if (this.#acceptsAll && result?.code !== null) this.#offers.charge('', 1)
  }

  #renew(file: IncomingFile, { name, size, sha256 }: FileOffer): void {
    const { offer } = file
    if (file.offered || offer.name !== name || offer.size !== size || offer.sha256 !== sha256) {
      throw new ChatError('bad-message', `file ${offer.id} was offered already`)
    }
    if (this.#send !== null) file.connect(this.#send)
  }

  /** What was not over comes first on a new connection, so the others are. */
  #forgetUnrenewed(): void {
    this.#renewal.end()
    for (const file of this.#files.values()) if (!file.offered) void file.cancelled('cancelled')
  }

  /** A sender that offers one of them even later hears that it is over. */
  #giveUpUnrenewed(): void {
    for (const file of this.#files.values()) {
      if (!file.offered) void file.cancel('timeout', 'the sender did not go on with it')
    }
  }

  #waitingFile(number: number): IncomingFile {
    const file = [...this.#files.values()].find(({ facts }) => facts.id === number)
    if (!file?.waiting) throw new ChatError('no-file', `file ${number} waits for no answer any more`)
    return file
  }

  #sendResult(id: number, code: ResultCode): void {
    void this.#send?.(FILE_RESULT.message({ id, code }))
  }
}

/**
 * How the latest files of a peer ended at our side. A sender has no more files under way than FILES_AT_ONCE, so no more of
 * them can end without its knowing.
 */
class EndedFiles {
  readonly #latest = new Map<number, { readonly code: ResultCode; connection: number; lateBytes: number }>()

  /** @param connection on which it was offered, counted in the conversation */
  add(id: number, code: ResultCode, connection: number): void {
    this.#latest.set(id, { code, connection, lateBytes: WINDOW })
    const [oldest] = this.#latest.keys()
    if (this.#latest.size > FILES_AT_ONCE && oldest !== undefined) this.#latest.delete(oldest)
  }

  /** How a file ended that is offered again on a later connection, once for each; undefined if it is not such a file. */
  resultOf(id: number, connection: number): ResultCode | undefined {
    const file = this.#latest.get(id)
    if (file === undefined || file.connection >= connection) return undefined
    file.connection = connection
    return file.code
  }

  /**
   * Lets bytes pass that were under way when the file ended, a window of them.
   *
   * @throws {ChatError} `bad-message` for more, and for any other file
   */
  takeLate(id: number, bytes: number): void {
    const file = this.#latest.get(id)
    if (file === undefined || bytes > file.lateBytes) {
      throw new ChatError('bad-message', `bytes of file ${id}, which is not under way`)
    }
    file.lateBytes -= bytes
  }
}
