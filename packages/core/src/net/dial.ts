import { connect, type Socket } from 'node:net'
import { ChatError } from '../errors.ts'
import { type Address, formatAddress } from './address.ts'

/** How long a connection may take to be established, in milliseconds. */
export const DIAL_DEADLINE = 10_000

/**
 * Opens a TCP connection. Each side ends its own direction (half-open allowed), and small writes leave at once.
 *
 * @param localAddress the address of ours from which to dial; by default the system takes one
 * @throws {ChatError} `unreachable` when nobody answers there, `timeout`, `bad-address` when the host has no address
 */
export function dial(address: Address, milliseconds = DIAL_DEADLINE, localAddress?: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, allowHalfOpen: true, noDelay: true, ...(localAddress && { localAddress }) })
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new ChatError('timeout', `${formatAddress(address)} did not answer within ${milliseconds / 1000} seconds`))
    }, milliseconds)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    // It stays for the life of the socket: without it an error before its user listens would end the process.
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      const code = cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN' ? 'bad-address' : 'unreachable'
      reject(new ChatError(code, `cannot reach ${formatAddress(address)}: ${reason(cause)}`, { cause }))
    })
  })
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name is unknown'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no route'
    default:
      return code ?? message
  }
}
