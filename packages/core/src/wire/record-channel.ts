import { contain, ignorable } from '../contain.ts'
import { ChatError, type ErrorCode, rethrowUnless } from '../errors.ts'
import { type Channel, ROOM } from './channel.ts'
import { RECORD } from './common-messages.ts'
import {
  checkFrames,
  checkOutgoing,
  frameDecoder,
  type FrameLimits,
  HEADER_BYTES,
  type Message,
  writeFrame,
} from './frame.ts'

/**
 * Turns a batch, one or more messages encoded as frames back to back, into the body of one RECORD frame, and back. One
 * protection serves one connection: sealing and opening have their own keys and go on independently.
 */
export interface RecordProtection {
  /** Largest batch in bytes that one record carries. */
  readonly capacity: number

  /**
   * Protects a batch for the wire. Records must be sent in the order in which they were sealed.
   *
   * @throws {ChatError} `session-limit` when the keys have carried all they may, `closed` after wipe(), and after a
   * failed open() its error
   * @throws {RangeError} when the batch is empty or larger than the capacity
   */
  seal(batch: Uint8Array): Uint8Array

  /**
   * Takes the protection off, of records in the order in which they arrived.
   *
   * @returns the batch, never empty, in a buffer of its own
   * @throws {ChatError} `bad-record`, one failure path, no reason; `session-limit` and `closed` as in seal()
   */
  open(body: Uint8Array): Uint8Array

  /** Zeroes all keys, once the connection is over. Safe to call again. */
  wipe(): void
}

/** Bytes of a batch to begin with: a few texts. */
const SMALL_BATCH = 1_024

const NOTHING = new Uint8Array(0)

/** What a decoder says of a frame that it does not let through. */
const FRAME_FAULTS: ReadonlySet<ErrorCode> = new Set(['bad-frame', 'unknown-type', 'too-large'])

/**
 * Carries messages inside protected records. Everything that is sent in one turn travels in one record, or in as few
 * as it fits; that is where the speed is. Once records flow, any frame that is not a record is fatal.
 *
 * @param raw the channel below; it belongs to this one from here on
 * @param protection seals and opens the records of this session; its keys are wiped with abort() and with any failure
 * @param limits the types that may stand inside a record, each with its largest body in bytes
 * @throws {RangeError} when `limits` allow more than a record carries
 */
export function recordChannel(raw: Channel, protection: RecordProtection, limits: FrameLimits): Channel {
  if (HEADER_BYTES + Math.max(...limits.values()) > protection.capacity) {
    throw new RangeError(`the limits allow more than the ${protection.capacity} bytes that a record carries`)
  }
  /** Frames that wait to be sealed: it grows to what a record carries, if so much is ever sent in one turn. */
  let batch = new Uint8Array(SMALL_BATCH)
  let filled = 0
  let isDue = false
  /** Settles when the channel below has room. */
  let room = ROOM
  const decoder = frameDecoder(limits)
  let failure: ChatError | null = null
  let closing: Promise<void> | null = null

  function fail(error: ChatError): ChatError {
    failure ??= error
    filled = 0
    batch.fill(0)
    protection.wipe()
    raw.abort(failure)
    return failure
  }

  /** Seals what waits in the batch as one record, and sends it. */
  function flush(): void {
    if (filled === 0 || failure !== null) return
    try {
      const sent = raw.send({ type: RECORD.type, body: protection.seal(batch.subarray(0, filled)) })
      filled = 0
      if (sent === ROOM) return
      room = sent
      sent.then(
        () => {
          if (room === sent) room = ROOM
        },
        (thrown: unknown) => void fail(contain(thrown)),
      )
    } catch (thrown) {
      fail(contain(thrown))
    }
  }

  /** Once all that is sent in this turn is there. */
  function flushLater(): void {
    if (isDue) return
    isDue = true
    process.nextTick(() => {
      isDue = false
      flush()
    })
  }

  /** Makes room for that many more bytes of frames. */
  function reserve(bytes: number): void {
    if (filled + bytes > protection.capacity) flush()
    if (filled + bytes <= batch.length) return
    const larger = new Uint8Array(Math.min(protection.capacity, 2 * (filled + bytes)))
    larger.set(batch.subarray(0, filled))
    batch.fill(0)
    batch = larger
  }

  /** Opens a record, whose messages the decoder then has. A record counts as a whole: one bad frame, and all are dropped. */
  function openRecord(message: Message): void {
    try {
      if (message.type !== RECORD.type) throw new ChatError('bad-record', 'a frame other than a record arrived')
      const batch = protection.open(message.body)
      checkFrames(batch, limits)
      decoder.feed(batch)
    } catch (error) {
      rethrowUnless(error)
      throw fail(refusal(error))
    }
  }

  function poll(): Message | undefined {
    for (;;) {
      const message = decoder.next()
      if (message !== null) return message
      const record = failure === null ? raw.poll() : undefined
      if (record === undefined) return undefined
      try {
        openRecord(record)
      } catch (error) {
        // It sticks, and receive() reports it.
        rethrowUnless(error)
      }
    }
  }

  return {
    send(message) {
      checkOutgoing(message, limits)
      if (closing !== null) {
        return ignorable(Promise.reject(new ChatError('closed', 'this side has ended the connection')))
      }
      reserve(HEADER_BYTES + message.body.length)
      if (failure !== null) return ignorable(Promise.reject(failure))
      filled = writeFrame(message, batch, filled)
      flushLater()
      return room
    },

    poll,

    async receive() {
      const message = poll()
      if (message !== undefined) return message
      if (failure !== null) throw failure
      try {
        const record = await raw.receive()
        if (record === null) return null
        openRecord(record)
      } catch (error) {
        rethrowUnless(error)
        throw fail(refusal(error))
      }
      return decoder.next()
    },

    close() {
      closing ??= (async () => {
        flush()
        if (failure !== null) throw failure
        await raw.close()
      })()
      return closing
    },

    abort(error) {
      decoder.feed(NOTHING)
      fail(error)
    },
  }
}

/** Whatever is wrong with a record, or comes in the place of one, is one error: it may be somebody on the path. */
function refusal(error: ChatError): ChatError {
  return FRAME_FAULTS.has(error.code) ? new ChatError('bad-record', 'a record was rejected', { cause: error }) : error
}
