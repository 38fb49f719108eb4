import { ChatError } from '@p2p-secure-chat/core/errors'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { noteCarried } from './collect-garbage.ts'
import type { FileTeller } from './file-update.ts'
import type { PartialFile } from './partial-file.ts'
import { patience } from '@p2p-secure-chat/core/net/patience'
import type { Send } from './transfer.ts'
import { CHUNK_BYTES, FILE_ACCEPT, FILE_PROGRESS, type FileOffer } from '../messages/files.ts'
import { WINDOW } from './window.ts'

/** How long a sender may send nothing, in milliseconds, although it may: see PROGRESS_PATIENCE of an outgoing file. */
const CHUNK_PATIENCE = 120_000

/** Bytes that are written before the sender hears of it: often enough to keep the window open. */
const PROGRESS_STEP = WINDOW / 8

/** The same for a slow line, in milliseconds. */
const PROGRESS_INTERVAL = 1_000

export interface IntakeOptions {
  readonly offer: FileOffer
  readonly send: Send
  readonly teller: FileTeller
  /** Called when the sender sends nothing for too long. */
  onSilence(): void
}

/** One attempt to receive a file, on one connection. */
export interface Intake {
  /** Says that it was stopped. */
  readonly signal: AbortSignal
  stop(): void
  /**
   * Says yes to the sender, and writes what comes.
   *
   * @returns whether the file is whole now; if not, it was stopped before
   * @throws {ChatError} as PartialFile.append()
   */
  fill(file: PartialFile): Promise<boolean>
  /** @throws {ChatError} `unexpected-message` before the yes; `bad-message` for bytes that are not the next chunk */
  chunk(offset: number, bytes: Uint8Array): void
}

export function intake({ offer, send, teller, onSilence }: IntakeOptions): Intake {
  const { id, size } = offer
  const stopped = new AbortController()
  /** Bytes that are here and were not written yet, in order. */
  let pieces: Uint8Array[] = []
  /** Bytes of the file that have arrived; null before the yes. */
  let arrived: number | null = null
  let written = 0
  let reported = 0
  let reportedAt = 0
  let wake = () => {}
  const silence = patience()

  function expectChunk(): void {
    silence.begin(CHUNK_PATIENCE, onSilence)
  }

  function begin({ bytes }: PartialFile): void {
    arrived = bytes
    written = bytes
    reported = bytes
    reportedAt = performance.now()
    void ignorable(send(FILE_ACCEPT.message({ id, offset: bytes })))
    void teller.begun(bytes, null)
    expectChunk()
  }

  function report(): void {
    const soon = written - reported < PROGRESS_STEP && performance.now() - reportedAt < PROGRESS_INTERVAL
    if (soon && written < size) return
    reported = written
    reportedAt = performance.now()
    void ignorable(send(FILE_PROGRESS.message({ id, offset: reported })))
    teller.progress(reported, null)
  }

  return {
    signal: stopped.signal,

    stop() {
      silence.end()
      stopped.abort()
      wake()
    },

    async fill(file) {
      if (stopped.signal.aborted) return false
      begin(file)
      while (written < size) {
        if (pieces.length === 0) {
          if (stopped.signal.aborted) return false
          await new Promise<void>(resolve => {
            wake = resolve
          })
          continue
        }
        const next = pieces
        pieces = []
        await file.append(next)
        noteCarried(file.bytes - written)
        written = file.bytes
        if (!stopped.signal.aborted) report()
      }
      silence.end()
      return !stopped.signal.aborted
    },

    chunk(offset, bytes) {
      if (arrived === null) {
        throw new ChatError('unexpected-message', `bytes of file ${id}, which was not accepted`)
      }
      const end = offset + bytes.length
      if (offset !== arrived || end > size) {
        throw new ChatError(
          'bad-message',
          `${bytes.length} bytes at ${offset} of file ${id}, after ${arrived} of ${size}`,
        )
      }
      // A window of single bytes would be a million pieces to keep.
      if (end % CHUNK_BYTES !== 0 && end !== size) {
        throw new ChatError('bad-message', `bytes of file ${id} up to ${end}, where no chunk ends`)
      }
      if (end - written > WINDOW) {
        throw new ChatError('bad-message', `more of file ${id} than may be under way`)
      }
      expectChunk()
      arrived = end
      pieces.push(bytes)
      wake()
    },
  }
}
