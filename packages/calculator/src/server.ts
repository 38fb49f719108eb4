import type { Address } from '@p2p-secure-chat/core/net/address'
import { type Capacity, reception } from '@p2p-secure-chat/core/net/reception'
import { type Server, startServer } from '@p2p-secure-chat/core/net/server'
import { turns } from '@p2p-secure-chat/core/limits/turns'
import { calculatorLimits } from './messages.ts'
import { DEADLINES, type Deadlines, serveClient, WORK_OF_TURN } from './session.ts'

/** Clients at once: each may hold some 200 KiB of unread answers and pending requests, and no address may fill all places. */
export const CLIENTS: Capacity = { all: 1_000, ofNetwork: 128, strangers: 1_000 }

export interface CalculatorOptions extends Address {
  readonly capacity?: Capacity
  readonly deadlines?: Deadlines
}

/**
 * Starts a calculator for many clients at once.
 *
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export function startCalculator({
  host,
  port,
  capacity = CLIENTS,
  deadlines = DEADLINES,
}: CalculatorOptions): Promise<Server> {
  const fairShare = turns(WORK_OF_TURN)
  return startServer({
    host,
    port,
    hello: { protocol: 'calc/1' },
    limits: calculatorLimits,
    reception: reception(capacity),
    helloDeadline: deadlines.hello,
    serve: (channel, _socket, visit) => {
      visit.serve(false)
      return serveClient(channel, deadlines, fairShare.join())
    },
  })
}
