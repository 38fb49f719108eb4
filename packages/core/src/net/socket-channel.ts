import type { Duplex } from 'node:stream'
import { contain } from '../contain.ts'
import { ChatError } from '../errors.ts'
import { type Channel, SEND_LIMIT, SEND_ROOM } from '../wire/channel.ts'
import {
  checkOutgoing,
  encodeFrame,
  type FrameLimits,
  frameDecoder,
  HEADER_BYTES,
  type Message,
  writeFrame,
} from '../wire/frame.ts'
import { ignorable } from '../wire/ignorable.ts'
import { messageInbox } from '../wire/inbox.ts'
import type { SocketTap } from './socket-tap.ts'

/** Bytes received and not yet asked for; reading pauses above it. One more chunk of at most 64 KiB may come. */
const INBOX_ROOM = 64 * 1024

/**
 * How long, in milliseconds, a side that broke the rules may go on sending after we ended ours. Closing at once would
 * reset the connection and could destroy our last words on their way.
 */
const LINGER = 2_000

interface Waiting {
  resolve(): void
  reject(error: ChatError): void
}

const room = Promise.resolve()

/**
 * A Channel of plain frames over a byte stream. It reads for the life of the connection; frames sent in one turn leave
 * in one write. A frame that breaks `limits` fails receive() after the frames before it were received; what comes
 * behind it is discarded, and the caller may still send() why before it closes.
 *
 * @param socket a TCP socket, or in tests any Duplex, half-open allowed; it belongs to the channel from here on
 * @param limits the types that may cross, each with its largest body in bytes
 * @param tap is shown every byte
 */
export function socketChannel(socket: Duplex, limits: FrameLimits, tap?: SocketTap): Channel {
  const decoder = frameDecoder(limits)
  const inbox = messageInbox(() => socket.resume())
  let theyBrokeRules = false

  let outbox: Message[] = []
  let outboxBytes = 0
  let senders: Waiting[] = []
  let closer: Waiting | null = null
  let closing: Promise<void> | null = null
  let failure: ChatError | null = null

  function fail(error: ChatError): void {
    inbox.end(error)
    if (failure === null) {
      failure = error
      outbox = []
      for (const sender of senders) sender.reject(error)
      senders = []
      closer?.reject(error)
    }
    socket.destroy()
  }

  function releaseSenders(): void {
    const released = senders
    senders = []
    for (const sender of released) sender.resolve()
  }

  function flush(): void {
    if (outbox.length === 0) return
    const frames = joinFrames(outbox, outboxBytes)
    outbox = []
    outboxBytes = 0
    tap?.sent(frames)
    if (socket.write(frames)) releaseSenders()
  }

  /** A side that broke the rules is not waited for once our own last words are out. */
  function lingerIfDone(): void {
    if (theyBrokeRules && socket.writableFinished) setTimeout(() => socket.destroy(), LINGER).unref()
  }

  socket.on('data', (chunk: Buffer) => {
    if (inbox.ended) return tap?.received(chunk)
    try {
      tap?.received(chunk)
      decoder.push(chunk, inbox.put)
    } catch (thrown) {
      const error = contain(thrown)
      if (error.code === 'internal') return fail(error)
      inbox.end(error)
      theyBrokeRules = true
      lingerIfDone()
    }
    if (inbox.bytes > INBOX_ROOM) socket.pause()
  })
  socket.on('end', () => {
    if (decoder.midFrame) fail(new ChatError('cut', 'the connection ended in the middle of a message'))
    else inbox.end(null)
  })
  socket.on('drain', releaseSenders)
  socket.on('finish', () => {
    releaseSenders()
    closer?.resolve()
    lingerIfDone()
  })
  socket.on('error', (cause: Error) => fail(new ChatError('cut', 'the connection broke', { cause })))
  socket.on('close', () => fail(new ChatError('cut', 'the connection was closed')))
  if (socket.destroyed) fail(new ChatError('cut', 'the connection was closed'))

  return {
    send(message) {
      checkOutgoing(message, limits)
      if (closing !== null) {
        return ignorable(Promise.reject(new ChatError('closed', 'this side has ended the connection')))
      }
      if (failure !== null) return ignorable(Promise.reject(failure))
      outbox.push(message)
      outboxBytes += HEADER_BYTES + message.body.length
      if (outbox.length === 1) process.nextTick(flush)
      const queued = outboxBytes + socket.writableLength
      if (queued < SEND_ROOM) return room
      const released = ignorable(new Promise<void>((resolve, reject) => senders.push({ resolve, reject })))
      if (queued > SEND_LIMIT) fail(new ChatError('too-many', 'the other side does not read what it is sent'))
      return released
    },

    receive: inbox.take,

    close() {
      if (closing === null && failure !== null) return Promise.reject(failure)
      closing ??= new Promise((resolve, reject) => {
        closer = { resolve, reject }
        flush()
        socket.end()
      })
      return closing
    },

    abort(error) {
      inbox.fail(error)
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
