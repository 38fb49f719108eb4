import type { Socket } from 'node:net'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { listen } from '@p2p-secure-chat/core/net/listen'
import { socketChannel } from '@p2p-secure-chat/core/net/socket-channel'
import { helloMessage } from '@p2p-secure-chat/core/wire/hello'
import { calculatorLimits } from './messages.ts'
import { PATIENCE, type Patience, type Session, serveClient } from './session.ts'

/** Clients at once: each may hold some 400 KiB that it has not read yet. */
export const CLIENT_LIMIT = 1_000

/** Clients above the limit that are told why they are refused; beyond, the system closes them unheard. */
const REFUSAL_ROOM = 64

/** How long clients have to answer our goodbye, in milliseconds. */
const STOP_DEADLINE = 1_500

export interface CalculatorServer extends Address {
  /** Takes no more clients and says goodbye to those that are there. */
  stop(): Promise<void>
}

export interface CalculatorOptions extends Address {
  readonly limit?: number
  readonly patience?: Patience
}

/**
 * Starts a calculator for many clients at once.
 *
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export async function startCalculator(options: CalculatorOptions): Promise<CalculatorServer> {
  const limit = options.limit ?? CLIENT_LIMIT
  const sessions = new Set<Session>()

  function onSocket(socket: Socket): void {
    if (sessions.size >= limit) return refuse(socket, limit)
    const session = serveClient(socket, options.patience ?? PATIENCE)
    sessions.add(session)
    void session.done.then(() => sessions.delete(session))
  }

  const listener = await listen(options, limit + REFUSAL_ROOM, onSocket)
  return {
    host: listener.host,
    port: listener.port,
    async stop() {
      listener.stop()
      const overdue = setTimeout(() => listener.destroyAll(), STOP_DEADLINE)
      for (const session of sessions) session.leave()
      await Promise.all([...sessions].map(session => session.done))
      clearTimeout(overdue)
      listener.destroyAll()
    },
  }
}

/** Says hello first, so that the client knows it came to the right door. */
function refuse(socket: Socket, limit: number): void {
  const channel = socketChannel(socket, calculatorLimits)
  const full = new ChatError('too-many', `this calculator serves ${limit} clients already`)
  channel.send(helloMessage({ protocol: 'calc/1' })).then(
    () => conclude(channel, full),
    () => socket.destroy(),
  )
}
