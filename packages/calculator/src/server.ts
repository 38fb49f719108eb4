import type { Address } from '@p2p-secure-chat/core/net/address'
import { type Server, startServer } from '@p2p-secure-chat/core/net/server'
import { turns } from '@p2p-secure-chat/core/net/turns'
import { calculatorLimits } from './messages.ts'
import { PATIENCE, type Patience, serveClient, TURN } from './session.ts'

/** Clients at once: each may hold some 200 KiB of what it has not read and of what it asks. */
export const CLIENT_LIMIT = 1_000

export interface CalculatorOptions extends Address {
  readonly limit?: number
  readonly patience?: Patience
}

/**
 * Starts a calculator for many clients at once.
 *
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export function startCalculator({ host, port, limit, patience = PATIENCE }: CalculatorOptions): Promise<Server> {
  const { join } = turns(TURN)
  return startServer({
    host,
    port,
    hello: { protocol: 'calc/1' },
    limits: calculatorLimits,
    capacity: limit ?? CLIENT_LIMIT,
    helloDeadline: patience.hello,
    serve: (channel, _socket, settle) => {
      settle()
      return serveClient(channel, join(), patience)
    },
  })
}
