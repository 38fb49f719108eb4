import type { Socket } from 'node:net'
import { contain, contained } from '../contain.ts'
import type { Address } from './address.ts'
import { type Listener, listen } from './listen.ts'
import type { Reception, Visit } from './reception.ts'
import { REFUSAL_ROOM, refusals } from './refusals.ts'
import type { TapSocket } from './socket-tap.ts'

/**
 * Listens, and lets in whom the reception lets in; the others hear why not.
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
