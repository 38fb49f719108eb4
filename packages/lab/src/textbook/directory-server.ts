import type { Socket } from 'node:net'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { type Address, plainHost } from '@p2p-secure-chat/core/net/address'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import { listenHere } from '@p2p-secure-chat/stage/own-network'
import { nextSegment, sendSegment } from './segments.ts'

/** What the server and its clients say. */
export const PHRASES = {
  askName: 'Enter your username:',
  askPort: 'Welcome! Please send your listening port.',
  registered: 'Listening port registered.',
  users: 'Get Users',
  exit: 'EXIT',
} as const

/** The textbook's directory. */
export interface TextbookServer extends Address {
  stop(): void
}

export interface TextbookServerOptions {
  /** False addresses by name, for a server that lies. */
  readonly lies?: ReadonlyMap<string, Address>
  /** Watches all connections. */
  readonly tap?: TapSocket | undefined
}

/** Starts it on our own network. @throws {ChatError} `bad-address`, `port-in-use` */
export async function startTextbookServer(
  address: Address,
  { lies = new Map(), tap }: TextbookServerOptions = {},
): Promise<TextbookServer> {
  /** The client at the other end of each connection and where it takes calls, in order of arrival. */
  const users = new Map<Socket, Address & { readonly name: string }>()

  /** One line for each user: name, address and port. */
  function list(): string {
    return [...users.values()]
      .map(user => {
        const { host, port } = lies.get(user.name) ?? user
        return `${user.name} ${host} ${port}\n`
      })
      .join('')
  }

  /** Speaks with one client until it leaves. It believes every name, so alice may be there twice. */
  async function serve(socket: Socket): Promise<void> {
    const watcher = tap?.(socket, false)

    function say(text: string): void {
      sendSegment(socket, text)
      watcher?.sent(Buffer.from(text))
    }

    async function next(): Promise<string> {
      const bytes = await nextSegment(socket)
      if (bytes !== null) watcher?.received(bytes)
      return Buffer.from(bytes ?? PHRASES.exit).toString()
    }

    say(PHRASES.askName)
    const name = await next()
    say(PHRASES.askPort)
    const [, port] = /^LISTEN_PORT:(\d{1,5})$/.exec(await next()) ?? []
    if (port === undefined) return
    users.set(socket, { name, host: plainHost(socket.remoteAddress ?? ''), port: Number(port) })
    say(PHRASES.registered)
    for (let request = await next(); request !== PHRASES.exit; request = await next()) {
      if (request !== PHRASES.users) continue
      // Twice, as the textbook has it.
      const said = list()
      say(said)
      say(said)
    }
  }

  async function attend(socket: Socket): Promise<void> {
    try {
      await serve(socket)
    } catch (error) {
      rethrowUnless(error)
    } finally {
      users.delete(socket)
      socket.end()
    }
  }

  const listener = await listenHere(address, socket => void attend(socket))
  return {
    host: listener.host,
    port: listener.port,
    stop() {
      listener.stop()
      listener.destroyAll()
    },
  }
}
