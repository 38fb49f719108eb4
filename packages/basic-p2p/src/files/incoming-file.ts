import { contain } from '@p2p-secure-chat/core/contain'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { theirTrouble } from './file-trouble.ts'
import type { FileTeller } from './file-update.ts'
import type { PartialFile } from './partial-file.ts'
import { type Intake, intake } from './intake.ts'
import type { Send, Transfer } from './transfer.ts'
import { type CancelCode, FILE_RESULT, type FileOffer, type ResultCode } from '../messages/files.ts'

/** After these a partial file is of no use to anybody. */
const USELESS: ReadonlySet<ErrorCode> = new Set(['bad-checksum', 'cancelled', 'file-changed'])

/** What an incoming file asks of its surroundings. */
export interface IncomingFileOptions {
  readonly offer: FileOffer
  /** Fit for a file name and a screen. */
  /** How our user knows it: its own number, for a sender counts from 1 in each conversation. */
  readonly number: number
  readonly name: string
  readonly teller: FileTeller
  /** Opens its partial file in a folder. @returns null when the signal came before @throws {ChatError} as openPartial() */
  openPartial(folder: string, signal: AbortSignal): Promise<PartialFile | null>
  /** Whether it may go on another time where it stopped. */
  readonly resumable: boolean
  /** Called when it is decided how it ends: with what the sender is told, or null where it ended it. */
  onEnded(result: { readonly code: ResultCode } | null): void
  /** Called when its disk work is over, before the sender hears of it, who may offer another one then. */
  onCleared(): void
}

/** A file of a peer on its way to us. */
export interface IncomingFile extends Transfer {
  readonly offer: FileOffer
  /** Whether it cannot be offered now: the present connection has offered it, or its sender has ended it. */
  readonly offered: boolean
  /** It is offered on a new connection: what was accepted before goes on. */
  offeredOn(send: Send): void
  /** Takes it into that folder. */
  accept(folder: string): void
  /** @throws {ChatError} `unexpected-message` before accept(); `bad-message` for bytes that are not the next chunk */
  chunk(offset: number, bytes: Uint8Array): void
  /** The sender ends it. */
  cancelled(code: CancelCode): Promise<void>
  cancel(code: NonNullable<ResultCode>, message: string): Promise<void>
}

export function incomingFile({
  offer,
  number,
  name,
  teller,
  openPartial,
  resumable,
  onEnded,
  onCleared,
}: IncomingFileOptions): IncomingFile {
  const { id, sha256 } = offer
  let send: Send | null = null
  let folder: string | null = null
  /** The present attempt; null before the yes, without a connection, and at the end. */
  let present: Intake | null = null
  /** The disk work of all attempts; null while there is none. */
  let working: Promise<void> | null = null
  let partial: PartialFile | null = null
  /** Whether it is being verified and named: from here on only that decides how it ends. */
  let finishing = false
  let ended = false
  let endedByThem = false
  let onOver = () => {}
  const over = new Promise<void>(resolve => {
    onOver = resolve
  })

  function stop(): void {
    present?.stop()
    present = null
  }

  function end(result: { readonly code: ResultCode } | null): void {
    ended = true
    endedByThem = result === null
    stop()
    onEnded(result)
  }

  /** Its disk work is over: the place is free before the sender hears of it. */
  function clear(result: { readonly code: ResultCode } | null, told: () => Promise<void>): void {
    onCleared()
    // On the connection that there is: a new one may have offered it again meanwhile.
    if (result !== null && send !== null) void ignorable(send(FILE_RESULT.message({ id, code: result.code })))
    void told().then(onOver)
  }

  /** @param told what the sender hears; null where it has ended it */
  function fail(code: ErrorCode, message: string, told: NonNullable<ResultCode> | null): Promise<void> {
    if (ended || finishing) return over
    const result = told === null ? null : { code: told }
    end(result)
    const failed = (left: { readonly partial: string | null; readonly bytes: number }) =>
      clear(result, () => teller.failed(code, message, { path: null, ...left }))
    if (working === null && partial === null) failed({ partial: null, bytes: 0 })
    else void leave(code).then(failed)
    return over
  }

  /** Closes what came, or removes it if nobody has a use for it. */
  async function leave(code: ErrorCode): Promise<{ partial: string | null; bytes: number }> {
    await working
    if (partial === null) return { partial: null, bytes: 0 }
    const { path, bytes } = partial
    const keeps = resumable && bytes > 0 && !USELESS.has(code)
    // Why it failed is told; that the disk has a problem with what is left comes after that.
    await (keeps ? partial.close() : partial.remove()).catch(contain)
    return { partial: keeps ? path : null, bytes }
  }

  const cancel = (code: NonNullable<ResultCode>, message: string) => fail(code, message, code)

  /** Receives what is missing, from the accepted offer to the file's own name. */
  async function receive(attempt: Intake, into: string): Promise<void> {
    try {
      const file = await openPartial(into, attempt.signal)
      if (file === null) return
      partial = file
      try {
        if (!(await attempt.fill(file))) return
        finishing = true
        const path = await file.finish(sha256, name)
        partial = null
        end({ code: null })
        clear({ code: null }, () => teller.done(path))
      } finally {
        // It may be removed at once.
        if (!ended) await file.close()
      }
    } catch (thrown) {
      const error = contain(thrown)
      finishing = false
      void cancel(refusal(error.code), error.message)
    }
  }

  /** The disk work for one connection is over before that for the next one begins. */
  async function work(into: string): Promise<void> {
    let latest: Intake | null = null
    try {
      while (present !== null && present !== latest) {
        latest = present
        await receive(present, into)
      }
    } finally {
      working = null
    }
  }

  function start(): void {
    if (folder === null || send === null || ended) return
    const onSilence = () => void cancel('timeout', 'the sender sends nothing more')
    present = intake({ offer, send, teller, onSilence })
    working ??= work(folder)
  }

  return {
    offer,
    facts: { direction: 'in', id: number, name, size: offer.size },
    over,
    get waiting() {
      return folder === null && !ended
    },
    get ended() {
      return ended
    },
    get offered() {
      return send !== null || endedByThem
    },

    offeredOn(pass) {
      send = pass
      start()
    },

    accept(into) {
      folder = into
      start()
    },

    suspend() {
      send = null
      stop()
    },

    chunk(offset, bytes) {
      if (present === null) throw new ChatError('unexpected-message', `bytes of file ${id}, which was not accepted`)
      present.chunk(offset, bytes)
    },

    cancelled: code => fail(code, theirTrouble(code), null),
    cancel,
    abandon: (code, message) => fail(code, message, null),
  }
}

/** What the sender hears of an error of ours. */
function refusal(code: ErrorCode): NonNullable<ResultCode> {
  switch (code) {
    case 'too-many':
    case 'disk-full':
    case 'bad-checksum':
      return code
    default:
      return 'unwritable'
  }
}
