import type { Socket } from 'node:net'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { type Address, plainHost } from '@p2p-secure-chat/core/net/address'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import { listenHere } from '@p2p-secure-chat/stage/own-network'
import { nextSegment, sendSegment } from './segments.ts'

/** What the server says, and what it is told. */
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
  /** Where to say that somebody is, who is elsewhere: for a server that lies. */
  readonly lies?: ReadonlyMap<string, Address>
  /** Watches all connections. */
  readonly tap?: TapSocket | undefined
}

/** Starts it on our own network. @throws {ChatError} `bad-address`, `port-in-use` */
export async function startTextbookServer(
  address: Address,
  { lies = new Map(), tap }: TextbookServerOptions = {},
): Promise<TextbookServer> {
  /** Who is at the other end of each connection, and where they take calls, in the order in which they came. */
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

  /** Speaks with one client until it leaves. It believes whatever name it is told: so alice may be there twice. */
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
