import type { Socket } from 'node:net'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'

/** How long the textbook waits for whatever comes next, in milliseconds. */
const SEGMENT_DEADLINE = 60_000

/**
 * What arrives next in one piece; null when nothing comes any more.
 *
 * The textbook has no frames: what one side sends in one piece counts as one message if it arrives in one piece. TCP
 * promises nothing of the kind. Two messages may arrive as one, and then they are one.
 *
 * @throws {ChatError} `timeout`
 */
export function nextSegment(socket: Socket): Promise<Uint8Array | null> {
  const segment = new Promise<Uint8Array | null>(resolve => {
    function settle(bytes: Uint8Array | null): void {
      socket.pause()
      socket.off('data', settle).off('end', onEnd).off('close', onEnd)
      resolve(bytes)
    }
    const onEnd = () => settle(null)
    if (socket.readableEnded || socket.destroyed) return resolve(null)
    socket.on('data', settle).on('end', onEnd).on('close', onEnd)
    socket.resume()
  })
  return withDeadline(segment, SEGMENT_DEADLINE, 'the next message')
}

/** Sends in one piece. */
export function sendSegment(socket: Socket, bytes: Uint8Array | string): void {
  socket.write(bytes)
}
