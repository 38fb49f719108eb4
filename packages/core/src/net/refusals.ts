import type { Socket } from 'node:net'
import type { ChatError } from '../errors.ts'
import { ERROR, HELLO } from '../wire/common-messages.ts'
import { limitsOf } from '../wire/message-type.ts'
import { conclude } from './conclude.ts'
import { socketChannel } from './socket-channel.ts'
import type { SocketTap } from './socket-tap.ts'

/** Refused connections that linger at once, until they have heard why: each holds a descriptor. */
export const REFUSAL_ROOM = 64

const limits = limitsOf([HELLO, ERROR])

/** Turns connections away and tells each why. */
export interface Refusals {
  /** Refuses a fresh connection with an ERROR in the place of our hello: after it, a handshake would take no ERROR's word. */
  refuse(socket: Socket, error: ChatError, tap?: SocketTap): void
  /** Counts one that was let in, and has to go all the same. */
  linger(socket: Socket): void
}

/**
 * The refused connections of one listener. They linger as conclude() lets them; when there are too many, the one that has
 * had the longest to listen is destroyed, so that a flood keeps nobody from hearing why.
 */
export function refusals(): Refusals {
  const lingering = new Set<Socket>()

  function linger(socket: Socket): void {
    if (socket.destroyed) return
    const [oldest] = lingering
    if (oldest !== undefined && lingering.size >= REFUSAL_ROOM) {
      lingering.delete(oldest)
      oldest.destroy()
    }
    lingering.add(socket)
    socket.once('close', () => lingering.delete(socket))
  }

  return {
    refuse(socket, error, tap) {
      linger(socket)
      void conclude(socketChannel(socket, limits, tap), error)
    },
    linger,
  }
}
