import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { allowances, type Rate } from '@p2p-secure-chat/core/net/allowances'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { endedFiles } from './ended-files.ts'
import { safeFileName } from './file-name.ts'
import { fileTeller, type TellFile } from './file-update.ts'
import { type IncomingFile, incomingFile } from './incoming-file.ts'
import { openPartial, PARTIALS_OPEN, partialsAreFull } from './partial-file.ts'
import { patience } from '@p2p-secure-chat/core/net/patience'
import type { Send, Transfer } from './transfer.ts'
import { type CancelCode, FILE_CHUNK, FILE_RESULT, type FileOffer, type ResultCode } from '../messages/files.ts'
import { FILES_AT_ONCE } from './window.ts'

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
  onBegun(file: Transfer): void
}

/** The files of a peer in one conversation. A file has its place from its offer until its disk work is over. */
export interface IncomingFiles {
  /** @throws {ChatError} `no-file` where that file waits for no answer; `too-many` when it has to wait for other files */
  accept(number: number): void
  /** @throws {ChatError} `no-file` */
  decline(number: number): void
  connect(send: Send): void
  disconnect(): void
  /**
   * Takes an offer; settles when our user has heard of it, or others had their turn.
   *
   * @throws {ChatError} `bad-message`, as the next two
   */
  offered(offer: FileOffer): Promise<void> | void
  /** @throws {ChatError} `unexpected-message` */
  chunk(body: Uint8Array): void
  cancelled(id: number, code: CancelCode): void
  /** The conversation is over: nothing is offered again. */
  end(): void
}

export function incomingFiles({ policy, partialKey, tell, nextNumber, onBegun }: IncomingFilesOptions): IncomingFiles {
  const asksNobody = policy.decision === 'accept'
  const files = new Map<number, IncomingFile>()
  const endedOnes = endedFiles()
  const offers = allowances(asksNobody ? OFFERS_WASTED : OFFERS_SHOWN)
  let send: Send | null = null
  let connection = 0
  let latestId = 0
  const renewal = patience()

  function sendResult(id: number, code: ResultCode): void {
    if (send !== null) void ignorable(send(FILE_RESULT.message({ id, code })))
  }

  /** A sender cannot know when the work for a file that it ended is over, so what comes too soon is no breach. */
  function hasPlace(): boolean {
    if (files.size >= FILES_AT_ONCE || offers.left('') < 1) return false
    return !asksNobody || !partialsAreFull()
  }

  function renew(file: IncomingFile, { name, size, sha256 }: FileOffer): void {
    const { offer } = file
    if (file.offered || offer.name !== name || offer.size !== size || offer.sha256 !== sha256) {
      throw new ChatError('bad-message', `file ${offer.id} was offered already`)
    }
    if (send !== null) file.offeredOn(send)
  }

  function begin(offer: FileOffer): Promise<void> {
    const { id, size, sha256 } = offer
    const name = safeFileName(offer.name)
    const number = nextNumber()
    const teller = fileTeller({ direction: 'in', id: number, name, size, sha256 }, tell)
    const key = partialKey?.(offer) ?? randomBytes(16).toString('hex')
    const file = incomingFile({
      offer,
      number,
      name,
      teller,
      resumable: partialKey !== null,
      openPartial: (folder, signal) => openPartial(folder, key, size, signal),
      onEnded(result) {
        // Between a new connection and the offer on it, only the last one has heard of the file.
        if (result !== null) endedOnes.add(id, result.code, file.offered ? connection : connection - 1)
        if (asksNobody && result?.code !== null) offers.charge('', 1)
      },
      onCleared: () => void files.delete(id),
    })
    files.set(id, file)
    onBegun(file)
    if (!asksNobody) offers.charge('', 1)
    const told = teller.offered(null, policy.decision === 'ask')
    if (send !== null) file.offeredOn(send)
    if (policy.decision === 'accept') file.accept(policy.folder)
    if (policy.decision === 'decline') void file.cancel('declined', 'files are not accepted here')
    return told
  }

  /** What was not over comes first on a new connection, so the others are. */
  function forgetUnrenewed(): void {
    renewal.end()
    for (const file of files.values()) if (!file.offered) void file.cancelled('cancelled')
  }

  /** A sender that offers one of them even later hears that it is over. */
  function giveUpUnrenewed(): void {
    for (const file of files.values()) {
      if (!file.offered) void file.cancel('timeout', 'the sender did not go on with it')
    }
  }

  function waitingFile(number: number): IncomingFile {
    const file = [...files.values()].find(({ facts }) => facts.id === number)
    if (!file?.waiting) throw new ChatError('no-file', `file ${number} waits for no answer any more`)
    return file
  }

  return {
    decline: number => void waitingFile(number).cancel('declined', 'you declined it'),

    accept(number) {
      const file = waitingFile(number)
      if (partialsAreFull()) {
        throw new ChatError('too-many', `${PARTIALS_OPEN} files are being received already`, {
          hint: 'accept it when one of them is over',
        })
      }
      file.accept(policy.folder)
    },

    connect(pass) {
      send = pass
      connection += 1
      if (files.size > 0) renewal.begin(RENEWAL_PATIENCE, giveUpUnrenewed)
    },

    disconnect() {
      send = null
      renewal.end()
    },

    offered(offer) {
      const { id } = offer
      const known = files.get(id)
      if (known !== undefined) return renew(known, offer)
      const result = endedOnes.resultOf(id, connection)
      if (result !== undefined) return sendResult(id, result)
      if (id <= latestId) throw new ChatError('bad-message', `file ${id} was offered already`)
      latestId = id
      forgetUnrenewed()
      if (hasPlace()) return begin(offer)
      endedOnes.add(id, 'too-many', connection)
      sendResult(id, 'too-many')
      // Whoever makes many of them at once does not keep everybody else waiting.
      return nextTurn()
    },

    chunk(body) {
      const { id, offset, bytes } = FILE_CHUNK.read(body)
      const file = files.get(id)
      if (file !== undefined && !file.ended) return file.chunk(offset, bytes)
      endedOnes.takeLate(id, bytes.length)
    },

    cancelled(id, code) {
      if (id > latestId) throw new ChatError('bad-message', `file ${id} was never offered`)
      void files.get(id)?.cancelled(code)
    },

    end: () => renewal.end(),
  }
}
