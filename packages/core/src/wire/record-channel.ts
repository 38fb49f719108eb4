import { contain, ignorable } from '../contain.ts'
import { ChatError, type ErrorCode, rethrowUnless } from '../errors.ts'
import { type Channel, ROOM, SEND_LIMIT, SEND_ROOM } from './channel.ts'
import { RECORD } from './common-messages.ts'
import { checkOutgoing, frameDecoder, type FrameLimits, HEADER_BYTES, type Message, writeFrame } from './frame.ts'

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
  let outbox: Message[] = []
  let outboxBytes = 0
  let flushed: Promise<void> | null = null
  let rawIsFull = false
  let inbox: Message[] = []
  let inboxNext = 0
  let failure: ChatError | null = null
  let closing: Promise<void> | null = null

  function fail(error: ChatError): ChatError {
    failure ??= error
    outbox = []
    outboxBytes = 0
    protection.wipe()
    raw.abort(failure)
    return failure
  }

  async function flush(): Promise<void> {
    flushed = null
    if (failure !== null) throw failure
    const messages = outbox
    outbox = []
    outboxBytes = 0
    const sends: Promise<void>[] = []
    for (const batch of batches(messages, protection.capacity)) {
      sends.push(raw.send({ type: RECORD.type, body: protection.seal(batch) }))
    }
    rawIsFull = true
    await Promise.all(sends)
    rawIsFull = false
  }

  function scheduleFlush(): Promise<void> {
    if (flushed === null) {
      flushed = new Promise<void>((resolve, reject) => {
        process.nextTick(() => flush().then(resolve, reject))
      })
      flushed.catch((thrown: unknown) => void fail(contain(thrown)))
    }
    return flushed
  }

  function openRecord(message: Message): void {
    if (message.type !== RECORD.type) throw new ChatError('bad-record', 'a frame other than a record arrived')
    const batch = protection.open(message.body)
    const decoder = frameDecoder(limits)
    inbox = []
    inboxNext = 0
    decoder.push(batch, inner => inbox.push(inner))
    if (decoder.midFrame || inbox.length === 0) throw new ChatError('bad-record', 'a record was rejected')
  }

  return {
    send(message) {
      checkOutgoing(message, limits)
      if (closing !== null) {
        return ignorable(Promise.reject(new ChatError('closed', 'this side has ended the connection')))
      }
      if (failure !== null) return ignorable(Promise.reject(failure))
      outbox.push(message)
      outboxBytes += HEADER_BYTES + message.body.length
      const pending = scheduleFlush()
      if (outboxBytes > SEND_LIMIT) fail(new ChatError('too-many', 'more was sent in one turn than may wait'))
      return outboxBytes < SEND_ROOM && !rawIsFull ? ROOM : pending
    },

    async receive() {
      for (;;) {
        const next = inbox[inboxNext]
        if (next !== undefined) {
          inboxNext += 1
          return next
        }
        if (failure !== null) throw failure
        try {
          const record = await raw.receive()
          if (record === null) return null
          openRecord(record)
        } catch (error) {
          rethrowUnless(error)
          // What stood before the fault in the same record is dropped with it: a record counts as a whole.
          inbox = []
          throw fail(refusal(error))
        }
      }
    },

    close() {
      closing ??= (async () => {
        if (failure !== null) throw failure
        if (flushed !== null) await flushed
        await raw.close()
      })()
      return closing
    },

    abort(error) {
      inbox = []
      fail(error)
    },
  }
}

/** Whatever is wrong with a record, or comes in the place of one, is one error: it may be somebody on the path. */
function refusal(error: ChatError): ChatError {
  return FRAME_FAULTS.has(error.code) ? new ChatError('bad-record', 'a record was rejected', { cause: error }) : error
}

/** Joins encoded messages into batches of at most `capacity` bytes, in order. */
function* batches(messages: readonly Message[], capacity: number): Generator<Uint8Array> {
  let start = 0
  while (start < messages.length) {
    let bytes = 0
    let end = start
    for (; end < messages.length; end++) {
      const size = HEADER_BYTES + (messages[end]?.body.length ?? 0)
      if (bytes + size > capacity) break
      bytes += size
    }
    const batch = new Uint8Array(bytes)
    let at = 0
    for (const message of messages.slice(start, end)) at = writeFrame(message, batch, at)
    yield batch
    start = end
  }
}
