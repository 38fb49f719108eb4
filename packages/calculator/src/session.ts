import { evaluate } from '@p2p-secure-chat/core/calc/evaluate'
import { clock } from '@p2p-secure-chat/core/net/patience'
import { type WorkTurn, withTurns } from '@p2p-secure-chat/core/limits/turns'
import { type Channel, ROOM } from '@p2p-secure-chat/core/wire/channel'
import { HELLO_DEADLINE } from '@p2p-secure-chat/core/wire/hello'
import { KEEPALIVE_IDLE, KEEPALIVE_LOSS, withKeepalive } from '@p2p-secure-chat/core/wire/keepalive'
import { readEvaluate, resultMessage } from './messages.ts'

/**
 * Work that one client gets before the others have their turn, in bytes: one or two milliseconds of short expressions. A
 * single expression is never interrupted; the longest takes some tenths of a second.
 */
export const WORK_OF_TURN = 16_384

/** What a request costs besides its bytes and those of its answer: reading the one, and writing the other. */
const REQUEST_COST = 50

/** How long a server waits, in milliseconds. */
export interface Deadlines {
  /** Until the hello. */
  readonly hello: number
  /** In silence of our own, before a keepalive. */
  readonly idle: number
  /** For a client that is silent, or takes none of its answers; then the connection counts as lost. */
  readonly loss: number
}

export const DEADLINES: Deadlines = { hello: HELLO_DEADLINE, idle: KEEPALIVE_IDLE, loss: KEEPALIVE_LOSS }

/**
 * Serves one client: its requests, answered in order until its goodbye.
 *
 * @param turn of this client, among those of all
 * @throws {ChatError} what the client did wrong, or what ended the connection
 */
export async function serveClient(raw: Channel, deadlines: Deadlines, turn: WorkTurn): Promise<void> {
  const fair = withTurns(raw, turn, ({ body }) => REQUEST_COST + body.length)
  const channel = withKeepalive(fair, clock, deadlines.idle, deadlines.loss)
  for (;;) {
    const request = channel.poll() ?? (await channel.receive())
    if (request === null) return
    const { id, expression } = readEvaluate(request)
    const sent = channel.send(resultMessage(id, evaluate(expression)))
    if (sent !== ROOM) await sent
  }
}
