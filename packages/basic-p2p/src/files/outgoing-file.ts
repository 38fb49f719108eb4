import { contain } from '@p2p-secure-chat/core/contain'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { noteCarried } from './collect-garbage.ts'
import { theirTrouble } from './file-trouble.ts'
import type { FileTeller } from './file-update.ts'
import { patience } from '@p2p-secure-chat/core/net/patience'
import type { SourceFile } from './source-file.ts'
import type { Send } from './transfer.ts'
import {
  type CancelCode,
  CHUNK_BYTES,
  FILE_CANCEL,
  FILE_CHUNK,
  FILE_OFFER,
  type ResultCode,
} from '../messages/files.ts'
import { WINDOW, WINDOW_CHUNKS } from './window.ts'

/** How long a person may take to accept a file, in milliseconds. A script that waits for it must end some day. */
const ANSWER_PATIENCE = 10 * 60_000

/**
 * How long a receiver may be without progress, in milliseconds, before we believe that there will be none: well beyond the
 * silence after which a connection counts as lost, for then the file goes on over the next one.
 */
const PROGRESS_PATIENCE = 120_000

/** How long it may take to verify the file and to write it to the disk for good, in milliseconds. */
const RESULT_PATIENCE = 120_000

/** Chunks that are read from the disk at once, while those before them are sent. */
const READ_CHUNKS = 8

/** How an offer of ours ended. */
export interface Outcome {
  /** Null when the receiver has the file. */
  readonly code: ErrorCode | null
  readonly message: string
  /** Bytes that the receiver has confirmed. */
  readonly bytes: number
  /** Whether the receiver had no place for it, and may have one later. */
  readonly refused: boolean
}

/** One offer of a file of ours under its id, over one connection after the other. */
export interface OutgoingFile {
  /** Offers it, again on each connection: the receiver answers with what it has. */
  offer(send: Send): void
  /** The connection is gone. */
  suspend(): void
  /** @throws {ChatError} `bad-message` for an offset beyond the end, `unexpected-message` when it is being sent */
  accepted(offset: number): void
  /** @throws {ChatError} `bad-message` when it is not between the last one and what was sent, `unexpected-message` */
  progressed(offset: number): void
  /** @throws {ChatError} `bad-message` when the receiver claims to have what was never sent */
  resulted(code: ResultCode): void
  /** Ends it from our side. */
  cancel(code: CancelCode, message: string): void
  /** The conversation is over. */
  abandon(code: ErrorCode, message: string): void
}

/**
 * @param source stays open: it may be offered again
 * @param onEnded called once
 */
export function outgoingFile(
  id: number,
  source: SourceFile,
  teller: FileTeller,
  onEnded: (outcome: Outcome) => void,
): OutgoingFile {
  const { name, size, sha256, path } = source
  /** Buffers in turn: one is free for the next chunk once the receiver has the last one that was in it. */
  const ring: Uint8Array[] = []
  let send: Send | null = null
  /** Changes with each connection; whatever belongs to an earlier one stops. */
  let run = 0
  let accepted = false
  let readTo = 0
  let sent = 0
  let acknowledged = 0
  /** How far the receiver may have come, over all connections; null before it accepted. */
  let furthest: number | null = null
  /** The last read from the disk: buffers of an earlier connection must not be filled after those of a later one. */
  let reading: Promise<unknown> = Promise.resolve()
  let ended = false
  const answer = patience()
  let wake = () => {}

  function expectWithin(milliseconds: number, code: CancelCode, what: string): void {
    answer.begin(milliseconds, () => cancel(code, what))
  }

  function stop(): void {
    run += 1
    answer.end()
    accepted = false
    wake()
  }

  function end(code: ErrorCode | null, message: string, refused = false): void {
    if (ended) return
    ended = true
    stop()
    onEnded({ code, message, bytes: code === null ? size : acknowledged, refused })
  }

  function cancel(code: CancelCode, message: string): void {
    if (!ended && send !== null) void ignorable(send(FILE_CANCEL.message({ id, code })))
    end(code, message)
  }

  /** Waits until one more chunk may be under way. @returns false when this connection is gone before */
  async function room(present: number): Promise<boolean> {
    while (run === present && readTo - acknowledged > WINDOW - CHUNK_BYTES) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    return run === present
  }

  /** Reads what comes next, as far as the window allows. @returns null at the end of the file, or of this connection */
  async function nextMessages(present: number): Promise<Message[] | null> {
    if (readTo === size || !(await room(present))) return null
    const messages: Message[] = []
    const targets: Uint8Array[] = []
    const start = readTo
    while (readTo < size && messages.length < READ_CHUNKS && readTo - acknowledged <= WINDOW - CHUNK_BYTES) {
      const slot = Math.floor(readTo / CHUNK_BYTES) % WINDOW_CHUNKS
      const buffer = (ring[slot] ??= new Uint8Array(FILE_CHUNK.headBytes + CHUNK_BYTES))
      const length = Math.min(CHUNK_BYTES - (readTo % CHUNK_BYTES), size - readTo)
      const body = buffer.subarray(0, FILE_CHUNK.headBytes + length)
      targets.push(body.subarray(FILE_CHUNK.headBytes))
      messages.push(FILE_CHUNK.messageIn(body, { id, offset: readTo }))
      readTo += length
    }
    const read = source.read(targets, start)
    reading = ignorable(read)
    await read
    // Before the last bytes leave: the receiver must hear why they do not come, and not just that nothing fits.
    if (readTo === size) await source.requireUnchanged()
    return messages
  }

  async function pump(pass: Send): Promise<void> {
    const present = run
    try {
      await reading.catch(() => undefined)
      let next = nextMessages(present)
      for (let messages = await next; messages !== null; messages = await next) {
        // The disk is read while the network is written to.
        next = ignorable(nextMessages(present))
        for (const message of messages) {
          if (run !== present) return
          sent += message.body.length - FILE_CHUNK.headBytes
          furthest = Math.max(furthest ?? 0, sent)
          await pass(message)
          noteCarried(message.body.length)
        }
      }
    } catch (thrown) {
      const error = contain(thrown)
      if (run !== present) return
      // What breaks the connection suspends the file where that is noticed.
      if (error.code === 'file-changed' || error.code === 'unreadable') cancel(error.code, error.message)
      else if (error.code === 'internal') cancel('cancelled', error.message)
    }
  }

  return {
    offer(pass) {
      send = pass
      void ignorable(pass(FILE_OFFER.message({ id, name, size, sha256 })))
      expectWithin(ANSWER_PATIENCE, 'no-answer', 'nobody accepted it')
    },

    suspend() {
      send = null
      stop()
    },

    accepted(offset) {
      if (accepted || send === null) throw new ChatError('unexpected-message', `file ${id} is being sent already`)
      if (offset > size) throw new ChatError('bad-message', `file ${id} has ${size} bytes, and ${offset} are there`)
      accepted = true
      readTo = offset
      sent = offset
      acknowledged = offset
      furthest = Math.max(furthest ?? 0, offset)
      void teller.begun(offset, path)
      expectWithin(offset === size ? RESULT_PATIENCE : PROGRESS_PATIENCE, 'timeout', 'the peer takes nothing more')
      void pump(send)
    },

    progressed(offset) {
      if (!accepted) throw new ChatError('unexpected-message', `file ${id} was not accepted`)
      if (offset <= acknowledged || offset > sent) {
        throw new ChatError(
          'bad-message',
          `${offset} bytes of file ${id}, where ${acknowledged} to ${sent} are possible`,
        )
      }
      acknowledged = offset
      expectWithin(offset === size ? RESULT_PATIENCE : PROGRESS_PATIENCE, 'timeout', 'the peer takes nothing more')
      teller.progress(offset, path)
      wake()
    },

    resulted(code) {
      if (code !== null) return end(code, theirTrouble(code), code === 'too-many' || code === 'busy')
      // A receiver that had all of it before the connection broke may say so at once.
      if (furthest !== size || (accepted && sent < size))
        throw new ChatError('bad-message', `file ${id} was not sent to its end`)
      end(null, '')
    },

    cancel,
    abandon: (code, message) => end(code, message),
  }
}
