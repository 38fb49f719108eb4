import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { jsonMessage } from '@p2p-secure-chat/core/wire/json-body'
import { FILE_ACCEPT, FILE_RESULT } from '@p2p-secure-chat/core/wire/message-types'
import { noteCarried } from './collect-garbage.ts'
import {
  type CancelCode,
  CHUNK_BYTES,
  type FileOffer,
  progressMessage,
  type ResultCode,
  WINDOW,
} from './file-messages.ts'
import { theirTrouble } from './file-trouble.ts'
import type { FileTeller } from './file-update.ts'
import type { Send } from './outgoing-file.ts'
import type { PartialFile } from './partial-file.ts'

/** How long a sender may send nothing, in milliseconds, although it may. */
const CHUNK_PATIENCE = 45_000

/** Bytes that are written before the sender hears of it: often enough to keep the window open. */
const PROGRESS_STEP = WINDOW / 8

/** The same for a slow line, in milliseconds. */
const PROGRESS_INTERVAL = 1_000

/** After these a partial file is of no use to anybody. */
const USELESS: ReadonlySet<ErrorCode> = new Set(['bad-checksum', 'cancelled', 'file-changed', 'busy'])

/** What an incoming file asks of its surroundings. */
export interface IncomingFileOptions {
  readonly offer: FileOffer
  /** Fit for a file name and a screen. */
  readonly name: string
  readonly teller: FileTeller
  /** Opens its partial file in a folder. @throws {ChatError} as openPartial() */
  openPartial(folder: string): Promise<PartialFile>
  /** Whether it may go on another time where it stopped. */
  readonly resumable: boolean
  /** Called when it is over, before our user is told: with what the sender is told, or null where it ended it. */
  onOver(result: { readonly code: ResultCode } | null): void
}

/** A file of a peer on its way to us, over one connection after the other. */
export interface IncomingFile {
  readonly offer: FileOffer
  /** Whether it waits for accept() or an end. */
  readonly waiting: boolean
  /** Whether all of it is here and is being verified and named: its sender may have left it by now. */
  readonly finishing: boolean
  /** Whether the present connection has offered it. */
  readonly offered: boolean
  /** It is offered on a new connection: what was accepted before goes on. */
  offeredOn(send: Send): void
  /** Takes it into that folder. */
  accept(folder: string): void
  /** The connection is gone. */
  suspend(): void
  /** @throws {ChatError} `unexpected-message` before accept(); `bad-message` for bytes that are not the next chunk */
  chunk(offset: number, bytes: Uint8Array): void
  /** The sender ends it. */
  cancelled(code: CancelCode): Promise<void>
  /** Ends it from our side. */
  cancel(code: NonNullable<ResultCode>, message: string): Promise<void>
  /** The conversation is over. */
  abandon(code: ErrorCode, message: string): Promise<void>
  /** Settles when it is over and told. */
  readonly over: Promise<void>
}

/** One attempt to receive it, on one connection. */
interface Run {
  stopped: boolean
  /** Bytes that are here and were not written yet, in order. */
  pieces: Uint8Array[]
  /** Bytes of the file that have arrived; null before it is accepted. */
  arrived: number | null
  written: number
  wake(): void
}

export function incomingFile({
  offer,
  name,
  teller,
  openPartial,
  resumable,
  onOver,
}: IncomingFileOptions): IncomingFile {
  const { id, size, sha256 } = offer
  let send: Send | null = null
  let folder: string | null = null
  let run: Run | null = null
  /** The end of the last run: the next one needs its file. */
  let idle: Promise<void> = Promise.resolve()
  let partial: PartialFile | null = null
  /** Whether it is being verified and named: from here on only that decides how it ends. */
  let finishing = false
  let ended = false
  let timer: NodeJS.Timeout | undefined
  let onTold = () => {}
  const over = new Promise<void>(resolve => {
    onTold = resolve
  })

  function expectChunk(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void cancel('timeout', 'the sender sends nothing more'), CHUNK_PATIENCE)
  }

  function stop(): void {
    clearTimeout(timer)
    if (run === null) return
    run.stopped = true
    run.wake()
    run = null
  }

  async function end(result: { readonly code: ResultCode } | null, tell: () => void): Promise<void> {
    if (ended) return over
    ended = true
    stop()
    onOver(result)
    await idle
    tell()
    onTold()
  }

  /** @param told what the sender hears; null where it has ended it */
  async function fail(code: ErrorCode, message: string, told: NonNullable<ResultCode> | null): Promise<void> {
    if (ended || finishing) return over
    if (told !== null) sendResult(told)
    let kept: string | null = null
    let bytes = 0
    const cleared = idle.then(async () => {
      if (partial === null) return
      bytes = partial.bytes
      if (resumable && bytes > 0 && !USELESS.has(code)) kept = partial.path
      else await partial.remove()
    })
    idle = cleared.catch(() => undefined)
    await end(told === null ? null : { code: told }, () =>
      teller.failed(code, message, { path: null, partial: kept, bytes }),
    )
  }

  /** On the connection that there is: a new one may have offered it again meanwhile. */
  function sendResult(code: ResultCode): void {
    if (send !== null) void ignorable(send(jsonMessage(FILE_RESULT, { id, code })))
  }

  const cancel = (code: NonNullable<ResultCode>, message: string) => fail(code, message, code)

  /** Receives what is missing, from the accepted offer to the file's own name. */
  async function receive(present: Run, into: string, pass: Send): Promise<void> {
    if (present.stopped) return
    try {
      const file = await openPartial(into)
      partial = file
      try {
        const path = await fill(file, present, pass)
        if (path === null) return
        sendResult(null)
        partial = null
        void end({ code: null }, () => teller.done(path))
      } finally {
        await file.close()
      }
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      finishing = false
      if (!ended) void cancel(refusal(error.code), error.message)
    }
  }

  /** @returns the path of the whole file; null when the run was stopped before */
  async function fill(file: PartialFile, present: Run, pass: Send): Promise<string | null> {
    if (present.stopped) return null
    present.arrived = file.bytes
    present.written = file.bytes
    let reported = file.bytes
    let reportedAt = performance.now()
    void ignorable(pass(jsonMessage(FILE_ACCEPT, { id, offset: file.bytes })))
    teller.begun(file.bytes, null)
    expectChunk()
    while (present.written < size) {
      const { pieces } = present
      if (pieces.length === 0) {
        if (present.stopped) return null
        await new Promise<void>(resolve => {
          present.wake = resolve
        })
        continue
      }
      present.pieces = []
      await file.append(pieces)
      noteCarried(file.bytes - present.written)
      present.written = file.bytes
      const soon = file.bytes - reported < PROGRESS_STEP && performance.now() - reportedAt < PROGRESS_INTERVAL
      if (present.stopped || (soon && file.bytes < size)) continue
      reported = file.bytes
      reportedAt = performance.now()
      void ignorable(pass(progressMessage({ id, offset: reported })))
      teller.progress(reported, null)
    }
    if (present.stopped) return null
    clearTimeout(timer)
    finishing = true
    return file.finish(sha256, name)
  }

  function start(): void {
    if (folder === null || send === null || ended) return
    const present: Run = { stopped: false, pieces: [], arrived: null, written: 0, wake: () => {} }
    const into = folder
    const pass = send
    run = present
    idle = idle.then(() => receive(present, into, pass))
  }

  return {
    offer,
    over,
    get waiting() {
      return folder === null && !ended
    },
    get finishing() {
      return finishing
    },
    get offered() {
      return send !== null
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
      if (run === null || run.arrived === null) {
        throw new ChatError('unexpected-message', `bytes of file ${id}, which was not accepted`)
      }
      const end = offset + bytes.length
      if (offset !== run.arrived || end > size) {
        throw new ChatError(
          'bad-message',
          `${bytes.length} bytes at ${offset} of file ${id}, after ${run.arrived} of ${size}`,
        )
      }
      // A window of single bytes would be a million pieces to keep.
      if (end % CHUNK_BYTES !== 0 && end !== size) {
        throw new ChatError('bad-message', `bytes of file ${id} up to ${end}, where no chunk ends`)
      }
      if (end - run.written > WINDOW) {
        throw new ChatError('bad-message', `more of file ${id} than may be under way`)
      }
      expectChunk()
      run.arrived = end
      run.pieces.push(bytes)
      run.wake()
    },

    cancelled: code => fail(code, theirTrouble(code), null),
    cancel,
    abandon: (code, message) => fail(code, message, null),
  }
}

/** What the sender hears of an error of ours. */
function refusal(code: ErrorCode): NonNullable<ResultCode> {
  switch (code) {
    case 'busy':
    case 'disk-full':
    case 'bad-checksum':
      return code
    default:
      return 'unwritable'
  }
}
