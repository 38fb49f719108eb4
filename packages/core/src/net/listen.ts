import { createServer, type Socket } from 'node:net'
import { ChatError } from '../errors.ts'
import { reasonOf } from '../files/file-error.ts'
import { type Address, formatAddress } from './address.ts'

/** A listening socket and the connections it took. */
export interface Listener extends Address {
  /** Takes no more connections; those that exist go on. */
  stop(): void
  /** Ends every connection that is still there, at once. */
  destroyAll(): void
}

/**
 * Bytes that a paused socket holds before it stops reading, so in effect chunks: by default it would go on to 16 KiB, and
 * of somebody who sends byte by byte that is 16,384 chunks of some hundred bytes each.
 */
const CHUNKS_READ_AHEAD = 1

const HINT = 'listen on an address of this machine, such as 127.0.0.1, or 0.0.0.0 or :: for all of them'

/**
 * Listens on TCP. Port 0 takes a free one; the result names it.
 *
 * @param limit how many connections may be open; further ones are closed at once
 * @throws {ChatError} `port-in-use`, `bad-address` when the host is not ours or the port is not allowed
 */
export function listen(address: Address, limit: number, onSocket: (socket: Socket) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const sockets = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: CHUNKS_READ_AHEAD }, socket => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      // Without this listener a reset would end the process; the socket's user adds a meaning.
      socket.on('error', () => socket.destroy())
      onSocket(socket)
    })
    server.maxConnections = limit
    // Also for the time after it listens: a connection that can not be taken is the caller's loss alone.
    server.on('error', (cause: NodeJS.ErrnoException) => {
      const where = formatAddress(address)
      if (cause.code === 'EADDRINUSE') {
        reject(new ChatError('port-in-use', `${where} is in use by another program`, { cause }))
      } else {
        reject(new ChatError('bad-address', `cannot listen on ${where}: ${reason(cause)}`, { cause, hint: HINT }))
      }
    })
    server.listen(address.port, address.host, () => {
      const bound = server.address()
      const port = typeof bound === 'object' && bound !== null ? bound.port : address.port
      resolve({
        host: address.host,
        port,
        stop: () => void server.close(),
        destroyAll: () => {
          for (const socket of sockets) socket.destroy()
        },
      })
    })
  })
}

function reason(cause: NodeJS.ErrnoException): string {
  switch (cause.code) {
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address'
    case 'EAFNOSUPPORT':
      return 'this machine has no addresses of that kind'
    case 'EACCES':
      return 'this user may not listen on that port'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name is unknown'
    default:
      return reasonOf(cause)
  }
}
