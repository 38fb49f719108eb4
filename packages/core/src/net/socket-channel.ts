import type { Duplex } from 'node:stream'
import { ChatError } from '../errors.ts'
import type { Channel } from '../wire/channel.ts'
import { encodeFrame, type FrameLimits, frameDecoder, HEADER_BYTES, type Message, writeFrame } from '../wire/frame.ts'

/** Bytes that may wait for the socket before send() makes its caller wait too: several writes of a full record. */
const SEND_ROOM = 256 * 1024

/** Bytes that may wait for a socket whose caller ignores send()'s promise; then the connection is given up. */
const SEND_LIMIT = 8 * 1024 * 1024

/** Bytes received and not yet asked for; reading pauses above it. One more chunk of at most 64 KiB may come. */
const INBOX_ROOM = 64 * 1024

/**
 * How long, in milliseconds, a side that broke the rules may go on sending after we ended ours. Closing at once would
 * reset the connection and could destroy our last words on their way.
 */
const LINGER = 2_000

interface Waiting<T> {
  resolve(value: T): void
  reject(error: ChatError): void
}

const room = Promise.resolve()

/**
 * A Channel of plain frames over a byte stream. It reads for the life of the connection; frames sent in one turn leave
 * in one write. A frame that breaks `limits` fails receive() after the frames before it were received; what comes
 * behind it is discarded, and the caller may still send() why before it closes.
 *
 * @param socket a TCP socket, or in tests any Duplex; it belongs to the channel from here on
 * @param limits the types that may cross, each with its largest body in bytes
 */
export function socketChannel(socket: Duplex, limits: FrameLimits): Channel {
  const decoder = frameDecoder(limits)
  let inbox: Message[] = []
  let inboxNext = 0
  let inboxBytes = 0
  let receiver: Waiting<Message | null> | null = null
  /** How receiving ended: not yet, in order (`null`), or with an error. */
  let receiveEnd: ChatError | null | undefined

  let outbox: Message[] = []
  let outboxBytes = 0
  let flushScheduled = false
  let senders: Waiting<void>[] = []
  let sendFailure: ChatError | null = null
  let closing: Promise<void> | null = null

  function endReceiving(end: ChatError | null): void {
    if (receiveEnd !== undefined) return
    receiveEnd = end
    if (end === null) receiver?.resolve(null)
    else receiver?.reject(end)
    receiver = null
  }

  function fail(error: ChatError): void {
    endReceiving(error)
    if (sendFailure === null) {
      sendFailure = error
      outbox = []
      for (const sender of senders.splice(0)) sender.reject(error)
    }
    socket.destroy()
  }

  function deliver(message: Message): void {
    if (receiver !== null) {
      receiver.resolve(message)
      receiver = null
      return
    }
    inbox.push(message)
    inboxBytes += HEADER_BYTES + message.body.length
  }

  function takeFromInbox(): Message | undefined {
    const message = inbox[inboxNext]
    if (message === undefined) return undefined
    inboxNext += 1
    inboxBytes -= HEADER_BYTES + message.body.length
    if (inboxNext === inbox.length) {
      inbox = []
      inboxNext = 0
      socket.resume()
    }
    return message
  }

  function releaseSenders(): void {
    for (const sender of senders.splice(0)) sender.resolve()
  }

  function flush(): void {
    flushScheduled = false
    const messages = outbox
    const bytes = outboxBytes
    outbox = []
    outboxBytes = 0
    if (sendFailure !== null || messages.length === 0) return
    if (socket.write(joinFrames(messages, bytes))) releaseSenders()
  }

  socket.on('data', (chunk: Buffer) => {
    if (receiveEnd !== undefined) return
    try {
      decoder.push(chunk, deliver)
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      endReceiving(error)
    }
    if (inboxBytes > INBOX_ROOM) socket.pause()
  })
  socket.on('end', () => {
    endReceiving(decoder.midFrame ? new ChatError('cut', 'the connection ended in the middle of a message') : null)
  })
  socket.on('drain', releaseSenders)
  socket.on('finish', () => {
    releaseSenders()
    if (receiveEnd instanceof ChatError) setTimeout(() => socket.destroy(), LINGER)
  })
  socket.on('error', (cause: Error) => fail(new ChatError('cut', 'the connection broke', { cause })))
  socket.on('close', () => fail(new ChatError('cut', 'the connection was closed')))

  return {
    send(message) {
      const limit = limits.get(message.type)
      if (limit === undefined || message.body.length > limit) {
        throw new RangeError(`a body of ${message.body.length} bytes of type ${message.type} does not belong here`)
      }
      if (sendFailure !== null) return Promise.reject(sendFailure)
      if (closing !== null) return Promise.reject(new ChatError('closed', 'this side has ended the connection'))
      outbox.push(message)
      outboxBytes += HEADER_BYTES + message.body.length
      if (!flushScheduled) {
        flushScheduled = true
        process.nextTick(flush)
      }
      const queued = outboxBytes + socket.writableLength
      if (queued < SEND_ROOM) return room
      if (queued > SEND_LIMIT) {
        const error = new ChatError('too-many', 'the other side does not read what it is sent')
        fail(error)
        return Promise.reject(error)
      }
      return new Promise((resolve, reject) => senders.push({ resolve, reject }))
    },

    receive() {
      if (receiver !== null) throw new TypeError('one receive() at a time')
      const message = takeFromInbox()
      if (message !== undefined) return Promise.resolve(message)
      if (receiveEnd === null) return Promise.resolve(null)
      if (receiveEnd !== undefined) return Promise.reject(receiveEnd)
      return new Promise((resolve, reject) => {
        receiver = { resolve, reject }
      })
    },

    close() {
      if (sendFailure !== null) return closing ?? Promise.reject(sendFailure)
      closing ??= new Promise((resolve, reject) => {
        flush()
        senders.push({ resolve, reject })
        socket.end()
      })
      return closing
    },

    abort(error) {
      inbox = []
      inboxNext = 0
      fail(error)
    },
  }
}

/** Many frames become one buffer: a write for each message costs far more than the copy. */
function joinFrames(messages: readonly Message[], bytes: number): Uint8Array {
  if (messages.length === 1 && messages[0] !== undefined) return encodeFrame(messages[0])
  const data = Buffer.allocUnsafe(bytes)
  let at = 0
  for (const message of messages) at = writeFrame(message, data, at)
  return data
}
