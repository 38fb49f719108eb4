import { ChatError } from '../errors.ts'
import type { Channel } from './channel.ts'
import { type FrameLimits, frameDecoder, HEADER_BYTES, type Message, writeFrame } from './frame.ts'
import { RECORD } from './message-types.ts'
import type { RecordProtection } from './record-protection.ts'

/** Bytes that may wait for the end of the turn before send() makes its caller wait: a few full records. */
const SEND_ROOM = 256 * 1024

const room = Promise.resolve()

/**
 * Carries messages inside protected records. Everything that is sent in one turn travels in one record, or in as few
 * as it fits; that is where the speed is. Once records flow, any frame that is not a record is fatal.
 *
 * @param raw the channel below; it belongs to this one from here on
 * @param protection seals and opens the records of this session
 * @param limits the types that may stand inside a record, each with its largest body in bytes
 */
export function recordChannel(raw: Channel, protection: RecordProtection, limits: FrameLimits): Channel {
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
    raw.abort(failure)
    return failure
  }

  async function flush(): Promise<void> {
    flushed = null
    const messages = outbox
    outbox = []
    outboxBytes = 0
    let lastSend = room
    for (const batch of batches(messages, protection.capacity)) {
      lastSend = raw.send({ type: RECORD, body: protection.seal(batch) })
    }
    rawIsFull = true
    await lastSend
    rawIsFull = false
  }

  function scheduleFlush(): Promise<void> {
    if (flushed === null) {
      flushed = new Promise<void>((resolve, reject) => {
        process.nextTick(() => flush().then(resolve, reject))
      })
      flushed.catch((error: unknown) => {
        if (!(error instanceof ChatError)) throw error
        fail(error)
      })
    }
    return flushed
  }

  function openRecord(message: Message): void {
    if (message.type !== RECORD) throw new ChatError('bad-record', 'a frame came that is no record')
    const batch = protection.open(message.body)
    const decoder = frameDecoder(limits)
    inbox = []
    inboxNext = 0
    decoder.push(batch, inner => inbox.push(inner))
    if (decoder.midFrame || inbox.length === 0) throw new ChatError('bad-record', 'a record was rejected')
  }

  return {
    send(message) {
      if (HEADER_BYTES + message.body.length > protection.capacity) {
        throw new RangeError(`a body of ${message.body.length} bytes does not fit into a record`)
      }
      if (failure !== null) return Promise.reject(failure)
      if (closing !== null) return Promise.reject(new ChatError('closed', 'this side has ended the connection'))
      outbox.push(message)
      outboxBytes += HEADER_BYTES + message.body.length
      const pending = scheduleFlush()
      return outboxBytes < SEND_ROOM && !rawIsFull ? room : pending
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
          if (!(error instanceof ChatError)) throw error
          // What stood before the fault in the same record is dropped with it: a record counts as a whole.
          inbox = []
          throw fail(error)
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
