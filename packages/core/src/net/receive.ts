import type { Socket } from 'node:net'
import { contain, contained } from '../contain.ts'
import type { ChatError } from '../errors.ts'
import { ERROR, HELLO } from '../wire/common-messages.ts'
import { limitsOf } from '../wire/message-type.ts'
import type { Address } from './address.ts'
import { conclude } from './conclude.ts'
import { listen, type Listener } from './listen.ts'
import type { Reception, Visit } from './reception.ts'
import { socketChannel, type SocketTap, type TapSocket } from './socket-channel.ts'

/**
 * Listens, and lets in the connections that the reception admits; the others hear why not.
 *
 * @param attend takes care of one connection; calls `leave` as soon as that is only to be ended, so that others can have
 * its place while it hears why
 * @param tap watches the connections
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export function receive<V extends Visit>(
  address: Address,
  reception: Reception<V>,
  attend: (socket: Socket, visit: V, leave: () => void) => Promise<void>,
  tap?: TapSocket,
): Promise<Listener> {
  const refused = refusals()

  function take(socket: Socket): void {
    // It was reset before we came to look at it.
    if (socket.remoteAddress === undefined) return void socket.destroy()
    let visit: V
    try {
      visit = reception.enter(socket)
    } catch (thrown) {
      return refused.refuse(socket, contain(thrown), tap?.(socket, false))
    }
    function leave(): void {
      visit.leave()
      refused.linger(socket)
    }
    contained(attend(socket, visit, leave))
  }

  // A socket that was destroyed counts until the end of the turn.
  return listen(address, reception.limit + 2 * REFUSAL_ROOM, take)
}

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
