import type { Socket } from 'node:net'
import type { ChatError } from '../errors.ts'
import { ERROR_LIMIT } from '../wire/error-message.ts'
import { type Hello, HELLO_LIMIT, helloMessage } from '../wire/hello.ts'
import { ignorable } from '../wire/ignorable.ts'
import { ERROR, HELLO } from '../wire/message-types.ts'
import { conclude } from './conclude.ts'
import { socketChannel } from './socket-channel.ts'

const limits = new Map([
  [HELLO, HELLO_LIMIT],
  [ERROR, ERROR_LIMIT],
])

/** Refuses a fresh connection. Says hello first, so that the other side knows it came to the right door. */
export function turnAway(socket: Socket, hello: Hello, error: ChatError): Promise<void> {
  const channel = socketChannel(socket, limits)
  void ignorable(channel.send(helloMessage(hello)))
  return conclude(channel, error)
}
