import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { bell } from '@p2p-secure-chat/stage/bell'

/** One message on its way. */
export interface Crossing {
  readonly from: Role
  readonly message: Message
}

/** Two channels without a socket between them: what one side sends the other one receives. */
export interface MemoryPath {
  readonly channels: Readonly<Record<Role, Channel>>
  /** All that crossed, in order. */
  readonly crossed: readonly Crossing[]
}

/** For scripts in which the two sides take turns, so that the order is always the same. */
export function memoryPath(): MemoryPath {
  const crossed: Crossing[] = []
  const waiting: Record<Role, Message[]> = { initiator: [], responder: [] }
  const { ring, until } = bell()
  let failure: ChatError | null = null

  function fail(error: ChatError): void {
    failure ??= error
    ring()
  }

  function next(of: Role): Message | undefined {
    const message = waiting[of].shift()
    if (message === undefined && failure !== null) throw failure
    return message
  }

  function channel(from: Role, to: Role): Channel {
    return {
      send(message) {
        crossed.push({ from, message })
        waiting[to].push(message)
        ring()
        return Promise.resolve()
      },
      receive: () => until(() => next(from)),
      close: () => Promise.resolve(),
      abort: fail,
    }
  }

  return {
    channels: { initiator: channel('initiator', 'responder'), responder: channel('responder', 'initiator') },
    crossed,
  }
}
