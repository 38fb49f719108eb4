import type { Socket } from 'node:net'
import type { ChatError } from '../errors.ts'
import { ERROR_LIMIT } from '../wire/error-message.ts'
import { HELLO_LIMIT } from '../wire/hello.ts'
import { ERROR, HELLO } from '../wire/message-types.ts'
import { conclude } from './conclude.ts'
import { socketChannel } from './socket-channel.ts'
import type { SocketTap } from './socket-tap.ts'

const limits = new Map([
  [HELLO, HELLO_LIMIT],
  [ERROR, ERROR_LIMIT],
])

/** Refuses a fresh connection with an ERROR in the place of our hello: after it, a handshake would take no ERROR's word. */
export function turnAway(socket: Socket, error: ChatError, tap?: SocketTap): Promise<void> {
  return conclude(socketChannel(socket, limits, tap), error)
}
