import type { Socket } from 'node:net'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, plainHost } from '@p2p-secure-chat/core/net/address'
import { listenHere } from '../stage/own-network.ts'
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

/** Starts it on our own network. @throws {ChatError} `bad-address`, `port-in-use` */
export async function startTextbookServer(address: Address): Promise<TextbookServer> {
  /** The line of each user: name, address and port, in the order in which they came. */
  const users = new Map<Socket, string>()

  /** Speaks with one client until it leaves. It believes whatever name it is told: so alice may be there twice. */
  async function serve(socket: Socket): Promise<void> {
    const next = async () => Buffer.from((await nextSegment(socket)) ?? PHRASES.exit).toString()
    sendSegment(socket, PHRASES.askName)
    const name = await next()
    sendSegment(socket, PHRASES.askPort)
    const [, port] = /^LISTEN_PORT:(\d{1,5})$/.exec(await next()) ?? []
    if (port === undefined) return
    users.set(socket, `${name} ${plainHost(socket.remoteAddress ?? '')} ${port}\n`)
    sendSegment(socket, PHRASES.registered)
    for (let request = await next(); request !== PHRASES.exit; request = await next()) {
      if (request !== PHRASES.users) continue
      const list = [...users.values()].join('')
      // Twice, as the textbook has it.
      sendSegment(socket, list)
      sendSegment(socket, list)
    }
  }

  async function attend(socket: Socket): Promise<void> {
    try {
      await serve(socket)
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
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
