import type { Socket } from 'node:net'
import { contain } from '../contain.ts'
import type { Channel } from '../wire/channel.ts'
import type { FrameLimits } from '../wire/frame.ts'
import { withGoodbye } from '../wire/goodbye.ts'
import { exchangeHello, HELLO_DEADLINE, type Hello } from '../wire/hello.ts'
import type { Address } from './address.ts'
import { conclude, dismiss } from './conclude.ts'
import { withDeadline } from './deadline.ts'
import { receive } from './receive.ts'
import type { Reception, Visit } from './reception.ts'
import { sharedRoom } from '../limits/shared-room.ts'
import { socketChannel, type TapSocket } from './socket-channel.ts'

/** Bytes that may wait to leave for one client before its answers wait too: a few pages. */
export const ROOM_OF_CLIENT = 32 * 1024

/** Bytes that may wait on all connections; then the fullest goes. Clients that read leave next to nothing waiting. */
export const ROOM_OF_ALL = 64 * 1024 * 1024

/** How long clients have to answer our goodbye, in milliseconds. */
const STOP_DEADLINE = 1_500

export interface ServerOptions extends Address {
  readonly hello: Hello
  /** What may cross a connection. */
  readonly limits: FrameLimits
  /** Decides which connections come in. */
  readonly reception: Reception
  /** How long a client may take for its hello, in milliseconds. */
  readonly helloDeadline?: number
  /** Watches all connections. */
  readonly tap?: TapSocket | undefined
  /** Serves one client, from the hellos to its goodbye. What it throws as a ChatError ends this connection only. */
  readonly serve: (channel: Channel, socket: Socket, visit: Visit) => Promise<void>
}

export interface Server extends Address {
  /** Takes no more clients and says goodbye to those that are there. */
  stop(): Promise<void>
}

/**
 * Serves many clients at once, each on a channel of its own that has said hello. Whatever a client does wrong ends its
 * connection, after an ERROR message that says why, and no other; so does a defect of ours.
 *
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { hello, limits, reception, helloDeadline = HELLO_DEADLINE, serve, tap } = options
  const clients = new Map<Channel, Promise<void>>()
  const room = sharedRoom(ROOM_OF_CLIENT, ROOM_OF_ALL)

  async function attend(
    channel: Channel,
    raw: Channel,
    socket: Socket,
    visit: Visit,
    leave: () => void,
  ): Promise<void> {
    try {
      await withDeadline(exchangeHello(raw, hello), helloDeadline, 'the hello', visit.gone)
      await serve(channel, socket, visit)
      await conclude(channel, null)
    } catch (thrown) {
      const error = contain(thrown)
      leave()
      if (error === visit.gone.reason) await dismiss(channel, error)
      else await conclude(channel, error)
    } finally {
      clients.delete(channel)
    }
  }

  function follow(socket: Socket, visit: Visit, leave: () => void): Promise<void> {
    const raw = socketChannel(socket, limits, tap?.(socket, false), room)
    const channel = withGoodbye(raw)
    const attended = attend(channel, raw, socket, visit, leave)
    clients.set(channel, attended)
    return attended
  }

  const listener = await receive(options, reception, follow, tap)
  return {
    host: listener.host,
    port: listener.port,
    async stop() {
      listener.stop()
      const overdue = setTimeout(() => listener.destroyAll(), STOP_DEADLINE)
      // A client that is gone already needs no goodbye.
      for (const channel of clients.keys()) channel.close().catch(() => undefined)
      await Promise.all(clients.values())
      clearTimeout(overdue)
      listener.destroyAll()
    },
  }
}
