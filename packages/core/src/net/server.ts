import type { Socket } from 'node:net'
import { ChatError } from '../errors.ts'
import type { Channel } from '../wire/channel.ts'
import type { FrameLimits } from '../wire/frame.ts'
import { withGoodbye } from '../wire/goodbye.ts'
import { exchangeHello, HELLO_DEADLINE, type Hello } from '../wire/hello.ts'
import { type Address, plainHost } from './address.ts'
import { conclude } from './conclude.ts'
import { withDeadline } from './deadline.ts'
import { listen } from './listen.ts'
import { REFUSAL_ROOM, refusals } from './refusals.ts'
import { sharedRoom } from './shared-room.ts'
import { socketChannel } from './socket-channel.ts'
import type { TapSocket } from './socket-tap.ts'

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
  /** Clients at once. When all places are taken, a newcomer gets that of the oldest client which has not settled. */
  readonly capacity: number
  /** Whether somebody at this IP address may connect now; by default everybody. */
  readonly admits?: (host: string) => boolean
  /** How long a client may take for its hello, in milliseconds. */
  readonly helloDeadline?: number
  /** Watches all connections. */
  readonly tap?: TapSocket | undefined
  /**
   * Serves one client, from the hellos to its goodbye. What it throws as a ChatError ends this connection only.
   *
   * @param settle makes the client's place its own; throws a ChatError `too-many` when it has gone to somebody else
   */
  readonly serve: (channel: Channel, socket: Socket, settle: () => void) => Promise<void>
}

export interface Server extends Address {
  /** Takes no more clients and says goodbye to those that are there. */
  stop(): Promise<void>
}

/**
 * Serves many clients at once, each on a channel of its own that has said hello. Whatever a client does wrong ends its
 * connection, after an ERROR message that says why, and no other.
 *
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { hello, limits, capacity, admits, helloDeadline = HELLO_DEADLINE, serve, tap } = options
  const clients = new Map<Channel, Promise<void>>()
  const unsettled = new Map<Channel, Socket>()
  const { refuse, dismiss } = refusals()
  const room = sharedRoom(ROOM_OF_CLIENT, ROOM_OF_ALL)

  async function attend(raw: Channel, channel: Channel, socket: Socket): Promise<void> {
    try {
      await withDeadline(exchangeHello(raw, hello), helloDeadline, 'the hello')
      await serve(channel, socket, () => settle(channel))
      await conclude(channel, null)
    } catch (error) {
      if (error instanceof ChatError) return await conclude(channel, error)
      // A defect of ours must be seen, and may cost this client its connection, but nobody else.
      process.emitWarning(error instanceof Error ? error : String(error))
      channel.abort(new ChatError('closed', 'given up'))
    } finally {
      unsettled.delete(channel)
      clients.delete(channel)
    }
  }

  function settle(channel: Channel): void {
    if (!clients.has(channel)) throw new ChatError('too-many', 'the place has gone to somebody else')
    unsettled.delete(channel)
  }

  /** Takes the place of the oldest client that has not settled, if there is one. */
  function makeRoom(): boolean {
    for (const [channel, socket] of unsettled) {
      unsettled.delete(channel)
      clients.delete(channel)
      dismiss(socket, channel, new ChatError('too-many', 'all places are taken, and others came'))
      return true
    }
    return false
  }

  // A socket that was destroyed counts until the end of the turn.
  const listener = await listen(options, capacity + 2 * REFUSAL_ROOM, socket => {
    if (admits?.(plainHost(socket.remoteAddress ?? '')) === false) {
      return refuse(socket, new ChatError('too-many', 'too many connections from your address in a short time'))
    }
    if (clients.size >= capacity && !makeRoom()) {
      return refuse(socket, new ChatError('too-many', `this server has its ${capacity} clients already`))
    }
    const raw = socketChannel(socket, limits, tap?.(socket, false), room)
    const channel = withGoodbye(raw)
    unsettled.set(channel, socket)
    clients.set(channel, attend(raw, channel, socket))
  })
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
