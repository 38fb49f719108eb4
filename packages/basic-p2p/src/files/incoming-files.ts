import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { sep } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type RateLimits, rateLimits, type Rate } from '@p2p-secure-chat/core/limits/rate-limits'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { patience } from '@p2p-secure-chat/core/net/patience'
import { safeFileName } from './file-name.ts'
import { FileTeller, type TellFile } from './file-update.ts'
import { IncomingFile, type IncomingResult } from './incoming-file.ts'
import { openPartial, PARTIALS_OPEN, partialsAreFull } from './partial-file.ts'
import { FILES_AT_ONCE, type Send, type Transfer, WINDOW } from './transfer.ts'
import { type CancelCode, FILE_CHUNK, FILE_RESULT, type FileOffer, type ResultCode } from '../messages/files.ts'

/** What to do with an offered file. */
export interface FilePolicy {
  readonly decision: 'ask' | 'accept' | 'decline'
  /** Folder for received files. It is made when a person accepts one, if the folder that it is in exists. */
  readonly folder: string
}

/** Offers of one peer to show to a person, to answer or as declined: each is a line to read. */
export const OFFERS_SHOWN: Rate = { burst: 64, interval: 1_000 }

/**
 * Automatically accepted offers of one peer that come to nothing: each may create and remove a file, and is two events.
 * Files that arrive are not counted.
 */
export const OFFERS_WASTED: Rate = { burst: 64, interval: 100 }

/**
 * How long a sender may take to offer a file again after a reconnect, in milliseconds. It does so first, but the connection
 * may be slow. (If the sender is suspended, the connection is lost earlier.)
 */
const RENEWAL_PATIENCE = 60_000

export interface IncomingFilesOptions {
  readonly policy: FilePolicy
  /** Names the partial file of an offer; null if peers are not identified, so nothing can be resumed. */
  readonly partialKey: ((offer: FileOffer) => string) | null
  readonly tell: TellFile
  /** Numbers offered files. Numbers are never reused, so an answer to an old offer cannot hit a new one. */
  readonly nextNumber: () => number
  /** Called with each file that is not refused immediately. */
  readonly onBegun: (file: Transfer) => void
}

/** The files of a peer in one conversation. A file takes a place from its offer until its disk work is done. */
export class IncomingFiles {
  readonly #options: IncomingFilesOptions
  readonly #acceptsAll: boolean
  readonly #offers: RateLimits
  readonly #files = new Map<number, IncomingFile>()
  readonly #endedFiles = new EndedFiles()
  /** Limits how long files of an earlier connection may take to be offered again. */
  readonly #renewal = patience()
  #send: Send | null = null
  /** Counts the connections. */
  #connection = 0
  #latestId = 0

  constructor(options: IncomingFilesOptions) {
    this.#options = options
    this.#acceptsAll = options.policy.decision === 'accept'
    this.#offers = rateLimits(this.#acceptsAll ? OFFERS_WASTED : OFFERS_SHOWN)
  }

  /**
   * @throws {ChatError} `no-file` if it is not waiting for an answer; `too-many` if it has to wait for other files;
   * `unwritable`, `disk-full` if it has nowhere to go. It then still waits for an answer.
   */
  accept(number: number): void {
    const file = this.#waitingFile(number)
    if (partialsAreFull()) {
      throw new ChatError('too-many', `${PARTIALS_OPEN} files are already being received`, {
        hint: 'accept it when one of them is done',
      })
    }
    const { folder } = this.#options.policy
    requireWritable(folder)
    file.accept(folder)
  }

  /** @throws {ChatError} `no-file` */
  decline(number: number): void {
    void this.#waitingFile(number).cancel('declined', 'you declined it')
  }

  /** Resumes on a new connection, on which the sender offers again all files that are not over. */
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
   * Handles an offer; settles when our user has been notified, or other peers had their turn.
   *
   * @throws {ChatError} `bad-message`, as the next two
   */
  offered(offer: FileOffer): Promise<void> | void {
    const { id } = offer
    const known = this.#files.get(id)
    if (known !== undefined) return this.#renew(known, offer)
    const result = this.#endedFiles.resultOf(id, this.#connection)
    if (result !== undefined) return this.#sendResult(id, result)
    if (id <= this.#latestId) throw new ChatError('bad-message', `file ${id} has already been offered`)
    this.#latestId = id
    this.#forgetUnrenewed()
    if (this.#hasPlace()) return this.#begin(offer)
    this.#endedFiles.add(id, 'too-many', this.#connection)
    this.#sendResult(id, 'too-many')
    // A flood of offers must not keep other peers waiting.
    return nextTurn()
  }

  /** @throws {ChatError} `unexpected-message` */
  chunk(body: Uint8Array): void {
    const { id, offset, bytes } = FILE_CHUNK.read(body)
    const file = this.#files.get(id)
    if (file !== undefined && !file.ended) return file.chunk(offset, bytes)
    this.#endedFiles.ignoreLate(id, bytes.length)
  }

  cancelled(id: number, code: CancelCode): void {
    if (id > this.#latestId) throw new ChatError('bad-message', `file ${id} was never offered`)
    void this.#files.get(id)?.cancelled(code)
  }

  /** The conversation is over: nothing is offered again. */
  end(): void {
    this.#renewal.end()
  }

  /** A sender cannot know when our work on a file that it cancelled is done, so an early offer breaks no rule. */
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
    // Until a new connection has offered the file, only the previous one knows it.
    const heard = offered ? this.#connection : this.#connection - 1
    if (result !== null) this.#endedFiles.add(offer.id, result.code, heard)
    if (this.#acceptsAll && result?.code !== null) this.#offers.charge('', 1)
  }

  #renew(file: IncomingFile, { name, size, sha256 }: FileOffer): void {
    const { offer } = file
    if (file.offered || offer.name !== name || offer.size !== size || offer.sha256 !== sha256) {
      throw new ChatError('bad-message', `file ${offer.id} has already been offered`)
    }
    if (this.#send !== null) file.connect(this.#send)
  }

  /** A new offer: files to resume come first on a connection, so those not yet offered again are over. */
  #forgetUnrenewed(): void {
    this.#renewal.end()
    for (const file of this.#files.values()) if (!file.offered) void file.cancelled('cancelled')
  }

  /** A sender that offers one of them later still will learn that it is over. */
  #giveUpUnrenewed(): void {
    for (const file of this.#files.values()) {
      if (!file.offered) void file.cancel('timeout', 'the sender did not resume it')
    }
  }

  #waitingFile(number: number): IncomingFile {
    const file = [...this.#files.values()].find(({ facts }) => facts.id === number)
    if (!file?.waiting) throw new ChatError('no-file', `file ${number} is no longer waiting for an answer`)
    return file
  }

  #sendResult(id: number, code: ResultCode): void {
    void this.#send?.(FILE_RESULT.message({ id, code }))
  }
}

/** Refuses a folder before an answer is given, which could not be taken back. @throws {ChatError} `unwritable`, `disk-full` */
function requireWritable(folder: string): void {
  try {
    if (!existsSync(folder)) mkdirSync(folder)
    // With the separator it is an error too where a file has that name.
    accessSync(folder + sep, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw fileError('unwritable', folder, cause)
  }
}

/**
 * Outcomes of the latest files of a peer. A sender has at most FILES_AT_ONCE files under way, so no more than that can end
 * without its knowledge.
 */
class EndedFiles {
  readonly #latest = new Map<number, { readonly code: ResultCode; connection: number; lateBytes: number }>()

  /** @param connection number of the connection on which it was offered */
  add(id: number, code: ResultCode, connection: number): void {
    this.#latest.set(id, { code, connection, lateBytes: WINDOW })
    const [oldest] = this.#latest.keys()
    if (this.#latest.size > FILES_AT_ONCE && oldest !== undefined) this.#latest.delete(oldest)
  }

  /** The outcome of a file that is offered again on a later connection, once per connection; undefined if it is not one. */
  resultOf(id: number, connection: number): ResultCode | undefined {
    const file = this.#latest.get(id)
    if (file === undefined || file.connection >= connection) return undefined
    file.connection = connection
    return file.code
  }

  /**
   * Ignores bytes that were in flight when the file ended, up to a window.
   *
   * @throws {ChatError} `bad-message` for more, and for any other file
   */
  ignoreLate(id: number, bytes: number): void {
    const file = this.#latest.get(id)
    if (file === undefined || bytes > file.lateBytes) {
      throw new ChatError('bad-message', `bytes of file ${id}, which is not under way`)
    }
    file.lateBytes -= bytes
  }
}
