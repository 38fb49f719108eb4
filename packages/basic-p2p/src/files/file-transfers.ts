import { randomBytes } from 'node:crypto'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { jsonMessage, readJson } from '@p2p-secure-chat/core/wire/json-body'
import {
  FILE_ACCEPT,
  FILE_CANCEL,
  FILE_CHUNK,
  FILE_OFFER,
  FILE_PROGRESS,
  FILE_RESULT,
} from '@p2p-secure-chat/core/wire/message-types'
import { endedFiles } from './ended-files.ts'
import {
  cancelSchema,
  FILES_AT_ONCE,
  fileAcceptSchema,
  type FileOffer,
  offerSchema,
  readChunk,
  readProgress,
  resultSchema,
} from './file-messages.ts'
import { safeFileName } from './file-name.ts'
import { type FileUpdate, fileTeller } from './file-update.ts'
import { type IncomingFile, incomingFile } from './incoming-file.ts'
import { type OutgoingFile, outgoingFile, type Send } from './outgoing-file.ts'
import { offerLimit } from './offer-limit.ts'
import { openPartial } from './partial-file.ts'
import { openSource } from './source-file.ts'

/** What happens to a file that a peer offers. */
export interface FilePolicy {
  readonly decision: 'ask' | 'accept' | 'decline'
  /** Where files go. */
  readonly folder: string
}

/** How long a sender may take to offer a file again on a new connection, in milliseconds: it is the first it does. */
const RENEWAL_PATIENCE = 10_000

export interface FileTransfersOptions {
  readonly policy: FilePolicy
  /** Names the partial file of an offer; null where nobody knows who would go on with it. */
  readonly partialKey: ((offer: FileOffer) => string) | null
  readonly tell: (update: FileUpdate) => void
}

/** The files of one conversation, both ways, over one connection after the other. */
export interface FileTransfers {
  /** When the latest of the offers came that wait for an answer, on the clock of `performance`; null if none waits. */
  readonly askedAt: number | null
  /** When the latest of the files was offered that are not over; null if there is none. */
  readonly begunAt: number | null
  /** Offers a file of ours. @throws {ChatError} `too-many`, `unreadable`, `file-changed`, `closed` */
  offer(path: string): Promise<void>
  /** Accepts the latest offer. @throws {ChatError} `no-file`, as the next two */
  accept(): void
  /** Declines it. */
  decline(): void
  /** Stops the latest file that is not over, whoever sends it. */
  cancel(): void
  /** Goes on over that connection. */
  connect(send: Send): void
  /** The connection is gone. */
  disconnect(): void
  /** Takes a message about files. @throws {ChatError} `bad-message`, `unexpected-message` */
  take(message: Message): void
  /** Settles when all of ours and all that we accepted are over. */
  settled(): Promise<void>
  /** Stops all, and tells the peer. */
  leave(): Promise<void>
  /** The conversation is over: nobody hears anything any more. */
  end(error: ChatError | null): Promise<void>
}

export function fileTransfers({ policy, partialKey, tell }: FileTransfersOptions): FileTransfers {
  const outgoing = new Map<number, OutgoingFile>()
  const incoming = new Map<number, IncomingFile>()
  const endedOfTheirs = endedFiles()
  const isTooMany = offerLimit()
  /** What is not over, in the order of the offers. */
  const begun = new Map<IncomingFile | OutgoingFile, number>()
  let send: Send | null = null
  let connection = 0
  let lastOffered = 0
  let lastTheirs = 0
  let opening = 0
  let ended = false
  let renewal: NodeJS.Timeout | undefined

  const reply = (message: Message) => void (send !== null && ignorable(send(message)))

  function takeOffer(offer: FileOffer): void {
    const { id } = offer
    const known = incoming.get(id)
    if (known !== undefined) return renew(known, offer)
    const result = endedOfTheirs.resultOf(id, connection)
    if (result !== undefined) return reply(jsonMessage(FILE_RESULT, { id, code: result }))
    if (id <= lastTheirs) throw new ChatError('bad-message', `file ${id} was offered already`)
    lastTheirs = id
    // What was not over comes first on a new connection, so the others are.
    forgetUnrenewed()
    const busy = [...incoming.values()].filter(file => !file.finishing).length
    if (busy >= FILES_AT_ONCE) throw new ChatError('bad-message', `more than ${FILES_AT_ONCE} files at once`)
    if (policy.decision !== 'accept' && isTooMany(performance.now())) {
      endedOfTheirs.add(id, 'too-many', connection)
      return reply(jsonMessage(FILE_RESULT, { id, code: 'too-many' }))
    }
    begin(offer)
  }

  function renew(file: IncomingFile, { name, size, sha256 }: FileOffer): void {
    const { offer } = file
    if (file.offered || offer.name !== name || offer.size !== size || offer.sha256 !== sha256) {
      throw new ChatError('bad-message', `file ${offer.id} was offered already`)
    }
    if (send !== null) file.offeredOn(send)
  }

  function begin(offer: FileOffer): void {
    const { id, size, sha256 } = offer
    const name = safeFileName(offer.name)
    const teller = fileTeller({ direction: 'in', id, name, size, sha256 }, tell)
    const key = partialKey?.(offer) ?? randomBytes(16).toString('hex')
    const file = incomingFile({
      offer,
      name,
      teller,
      resumable: partialKey !== null,
      openPartial: folder => openPartial(folder, key, size),
      onOver(result) {
        incoming.delete(id)
        begun.delete(file)
        if (result !== null) endedOfTheirs.add(id, result.code, connection)
      },
    })
    incoming.set(id, file)
    begun.set(file, performance.now())
    teller.offered(null, policy.decision === 'ask')
    if (send !== null) file.offeredOn(send)
    if (policy.decision === 'accept') file.accept(policy.folder)
    if (policy.decision === 'decline') void file.cancel('declined', 'files are not accepted here')
  }

  function forgetUnrenewed(): void {
    clearTimeout(renewal)
    for (const file of incoming.values()) if (!file.offered) void file.cancelled('cancelled')
  }

  function takeChunk(body: Uint8Array): void {
    const { id, offset, bytes } = readChunk(body)
    const file = incoming.get(id)
    if (file !== undefined) return file.chunk(offset, bytes)
    endedOfTheirs.takeLate(id, bytes.length)
  }

  /** @returns null for a file of ours that is over: what is said of it crossed its end */
  function ofOurs(id: number): OutgoingFile | null {
    if (id > lastOffered) throw new ChatError('bad-message', `file ${id} was never offered`)
    return outgoing.get(id) ?? null
  }

  const latestWaiting = () => [...incoming.values()].findLast(({ waiting }) => waiting)

  function requireWaiting(): IncomingFile {
    const file = latestWaiting()
    if (file === undefined) throw new ChatError('no-file', 'no file waits for an answer')
    return file
  }

  async function stopAll(stop: (file: IncomingFile | OutgoingFile) => Promise<void>): Promise<void> {
    ended = true
    clearTimeout(renewal)
    await Promise.all([...begun.keys()].map(stop))
  }

  return {
    get askedAt() {
      const file = latestWaiting()
      return (file && begun.get(file)) ?? null
    },
    get begunAt() {
      return [...begun.values()].at(-1) ?? null
    },

    async offer(path) {
      if (outgoing.size + opening >= FILES_AT_ONCE) {
        throw new ChatError('too-many', `${FILES_AT_ONCE} files are on their way already`)
      }
      opening += 1
      const source = await openSource(path).finally(() => {
        opening -= 1
      })
      if (ended) {
        await source.close()
        throw new ChatError('closed', 'the conversation is over')
      }
      lastOffered += 1
      const id = lastOffered
      const { name, size, sha256 } = source
      const teller = fileTeller({ direction: 'out', id, name, size, sha256 }, tell)
      const file = outgoingFile(id, source, teller, () => {
        outgoing.delete(id)
        begun.delete(file)
      })
      outgoing.set(id, file)
      begun.set(file, performance.now())
      teller.offered(source.path, false)
      if (send !== null) file.offer(send)
    },

    accept: () => requireWaiting().accept(policy.folder),
    decline: () => void requireWaiting().cancel('declined', 'you did not take it'),
    cancel() {
      const file = [...begun.keys()].at(-1)
      if (file === undefined) throw new ChatError('no-file', 'no file is on its way')
      void file.cancel('cancelled', 'you stopped it')
    },

    connect(pass) {
      send = pass
      connection += 1
      if (incoming.size > 0) renewal = setTimeout(forgetUnrenewed, RENEWAL_PATIENCE)
      for (const file of outgoing.values()) file.offer(pass)
    },

    disconnect() {
      send = null
      clearTimeout(renewal)
      for (const file of begun.keys()) file.suspend()
    },

    take({ type, body }) {
      switch (type) {
        case FILE_OFFER:
          return takeOffer(readJson(offerSchema, body))
        case FILE_ACCEPT: {
          const { id, offset } = readJson(fileAcceptSchema, body)
          return ofOurs(id)?.accepted(offset)
        }
        case FILE_CHUNK:
          return takeChunk(body)
        case FILE_PROGRESS: {
          const { id, offset } = readProgress(body)
          return ofOurs(id)?.progressed(offset)
        }
        case FILE_RESULT: {
          const { id, code } = readJson(resultSchema, body)
          return ofOurs(id)?.resulted(code)
        }
        case FILE_CANCEL: {
          const { id, code } = readJson(cancelSchema, body)
          if (id > lastTheirs) throw new ChatError('bad-message', `file ${id} was never offered`)
          return void incoming.get(id)?.cancelled(code)
        }
      }
      throw new TypeError(`type 0x${type.toString(16)} is not about files`)
    },

    async settled() {
      for (;;) {
        const busy = [...begun.keys()].filter(({ waiting }) => !waiting)
        if (busy.length === 0) return
        await Promise.all(busy.map(({ over }) => over))
      }
    },

    leave: () => stopAll(file => file.cancel('closed', 'you left before it was done')),
    end(error) {
      const { code, message } = error ?? { code: 'closed', message: 'the conversation ended before it was done' }
      return stopAll(file => file.abandon(code, message))
    },
  }
}
