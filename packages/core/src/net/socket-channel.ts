import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { contain, ignorable } from '../contain.ts'
import { ChatError } from '../errors.ts'
import { type Channel, ROOM, SEND_LIMIT, SEND_ROOM } from '../wire/channel.ts'
import { checkOutgoing, frameHeader, type FrameLimits, HEADER_BYTES, type Message, writeFrame } from '../wire/frame.ts'
import { messageInbox } from '../wire/inbox.ts'
import type { SharedRoom } from '../limits/shared-room.ts'

/** Is shown what crosses a socket, in order, as it was handed over. It must not throw. */
export interface SocketTap {
  sent(bytes: Uint8Array): void
  received(bytes: Uint8Array): void
}

/** Begins to watch a connection that has just been established. @param dialled whether we dialled it */
export type TapSocket = (socket: Socket, dialled: boolean) => SocketTap

/** Bytes received and not yet asked for; reading pauses above it. Two more chunks of at most 64 KiB may come. */
const INBOX_ROOM = 16 * 1024

/**
 * Turns of the event loop for which answers wait for further ones while requests wait here, and the bytes at which they
 * leave in any case: a write costs as much as ten short answers.
 */
const HOLD_TURNS = 16
const HOLD_BYTES = 16 * 1024

/** Mean size, in bytes, from which frames are not worth a copy. */
const LONG_FRAME = 4_096

/** Memory that a message takes while it waits, besides its bytes: a small one costs far more than what it says. */
const MESSAGE_OVERHEAD = 256

/**
 * How long, in milliseconds, a side that broke the rules may go on sending after we ended ours. Closing at once would
 * reset the connection and could destroy our last words on their way.
 */
const LINGER = 2_000

interface Waiting {
  resolve(): void
  reject(error: ChatError): void
}

/**
 * A Channel of plain frames over a byte stream. It reads for the life of the connection; frames sent in one turn, while
 * more waits to be received, or while the socket is busy, leave in one write. A frame that breaks `limits` fails
 * receive() after the frames before it were received; what comes behind it is discarded, and the caller may still send()
 * why before it closes.
 *
 * @param socket a TCP socket, or in tests any Duplex, half-open allowed; it belongs to the channel from here on
 * @param limits the types that may cross, each with its largest body in bytes
 * @param tap is shown every byte
 * @param room what may wait here and on the connections that share it; by default SEND_ROOM on this one alone
 */
export function socketChannel(socket: Duplex, limits: FrameLimits, tap?: SocketTap, room?: SharedRoom): Channel {
  const inbox = messageInbox(limits, { onEmpty, onFault })
  const sendRoom = room?.each ?? SEND_ROOM
  let paused = false
  let theyBrokeRules = false

  let outbox: Message[] = []
  let outboxBytes = 0
  let flushing = false
  /** Turns of the event loop. */
  let heldFor = 0
  let socketIsBusy = false
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
      room?.note(giveUp, 0)
    }
    socket.destroy()
  }

  function giveUp(): void {
    fail(new ChatError('too-many', 'the other side does not keep up with this one'))
  }

  /** Memory of what waits to leave. */
  function queued(): number {
    const overhead = socketIsBusy ? outbox.length * MESSAGE_OVERHEAD : 0
    return outboxBytes + overhead + socket.writableLength
  }

  function noteWaiting(): void {
    if (failure === null) room?.note(giveUp, inbox.bytes + queued())
  }

  function onEmpty(): void {
    if (paused) socket.resume()
    paused = false
    noteWaiting()
  }

  function onFault(error: ChatError): void {
    if (error.code === 'cut') return fail(error)
    theyBrokeRules = true
    onEmpty()
    lingerIfDone()
  }

  function releaseSenders(): void {
    const released = senders
    senders = []
    for (const sender of released) sender.resolve()
  }

  function write(): void {
    if (outbox.length === 0) return
    const pieces = piecesOf(outbox, outboxBytes)
    outbox = []
    outboxBytes = 0
    socketIsBusy = true
    // One write to the system, however many pieces there are.
    socket.cork()
    for (const piece of pieces) {
      tap?.sent(piece)
      socket.write(piece, piece === pieces.at(-1) ? written : undefined)
    }
    socket.uncork()
    if (socket.writableLength > 0) noteWaiting()
  }

  function written(error?: Error | null): void {
    // The 'error' event reports it.
    if (error != null) return
    socketIsBusy = false
    write()
    releaseSenders()
    noteWaiting()
  }

  function flush(): void {
    if (inbox.bytes > 0 && outboxBytes < HOLD_BYTES && heldFor < HOLD_TURNS) {
      heldFor += 1
      setImmediate(flush)
      return
    }
    heldFor = 0
    flushing = false
    if (!socketIsBusy) write()
  }

  /** A side that broke the rules is not waited for once our own last words are out. */
  function lingerIfDone(): void {
    if (theyBrokeRules && socket.writableFinished) setTimeout(() => socket.destroy(), LINGER).unref()
  }

  /** Reads on, so that our last words are not lost, but lets others have their turn after each chunk. */
  function discard(): void {
    socket.pause()
    setImmediate(() => socket.resume())
  }

  socket.on('data', (chunk: Buffer) => {
    try {
      tap?.received(chunk)
      if (inbox.ended) return discard()
      inbox.put(chunk)
    } catch (thrown) {
      return fail(contain(thrown))
    }
    if (inbox.bytes === 0) return
    noteWaiting()
    if (inbox.bytes <= INBOX_ROOM) return
    paused = true
    socket.pause()
  })
  socket.on('end', () => inbox.end(null))
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
      if (socketIsBusy) {
        noteWaiting()
      } else if (!flushing) {
        flushing = true
        process.nextTick(flush)
      }
      if (queued() < sendRoom) return ROOM
      const released = ignorable(new Promise<void>((resolve, reject) => senders.push({ resolve, reject })))
      if (outboxBytes + socket.writableLength > SEND_LIMIT) giveUp()
      return released
    },

    poll: () => inbox.poll(),
    receive: () => inbox.take(),

    close() {
      if (closing === null && failure !== null) return Promise.reject(failure)
      closing ??= new Promise((resolve, reject) => {
        closer = { resolve, reject }
        write()
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

/** Short frames become one piece, since a piece costs more than the copy; long ones go out without being copied. */
function piecesOf(messages: readonly Message[], bytes: number): readonly Uint8Array[] {
  if (bytes / messages.length >= LONG_FRAME) return messages.flatMap(message => [frameHeader(message), message.body])
  const joined = Buffer.allocUnsafe(bytes)
  let at = 0
  for (const message of messages) at = writeFrame(message, joined, at)
  return [joined]
}
