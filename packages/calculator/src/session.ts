import { evaluate } from '@p2p-secure-chat/core/calc/evaluate'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { every } from '@p2p-secure-chat/core/net/every'
import { type Turn, withTurns } from '@p2p-secure-chat/core/net/turns'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { HELLO_DEADLINE } from '@p2p-secure-chat/core/wire/hello'
import { KEEPALIVE_IDLE, KEEPALIVE_LOSS, withKeepalive } from '@p2p-secure-chat/core/wire/keepalive'
import { readEvaluate, resultMessage } from './messages.ts'

/**
 * Work that one client gets before the others have their turn, in characters: one or two milliseconds of short
 * expressions. A single expression is never interrupted; the longest takes some tenths of a second.
 */
export const TURN = 16_384

/** What one request costs besides the characters of its expression: reading it, and writing the answer. */
const REQUEST_COST = 50

/** How patient a server is, in milliseconds. */
export interface Patience {
  /** For the hello. */
  readonly hello: number
  /** With our own silence, then we send a keepalive. */
  readonly idle: number
  /** With a client that is silent, or takes none of its answers; then the connection counts as lost. */
  readonly loss: number
}

export const PATIENCE: Patience = { hello: HELLO_DEADLINE, idle: KEEPALIVE_IDLE, loss: KEEPALIVE_LOSS }

const costOf = ({ body }: Message) => REQUEST_COST + body.length

/**
 * Serves one client: its requests, answered in order until its goodbye.
 *
 * @param turn its turn, among those of all clients
 * @throws {ChatError} what the client did wrong, or what ended the connection
 */
export async function serveClient(raw: Channel, turn: Turn, patience: Patience): Promise<void> {
  await answerAll(withKeepalive(withTurns(raw, turn, costOf), every, patience.idle, patience.loss), patience.loss)
}

async function answerAll(channel: Channel, loss: number): Promise<void> {
  let answered = 0
  let answeredBefore = 0
  let sending = false
  const stop = every(loss, () => {
    if (sending && answered === answeredBefore) {
      channel.abort(new ChatError('timeout', `the client took no answer for ${loss / 1000} seconds`))
    }
    answeredBefore = answered
  })
  try {
    for (let request = await channel.receive(); request !== null; request = await channel.receive()) {
      const { id, expression } = readEvaluate(request)
      sending = true
      await channel.send(resultMessage(id, evaluate(expression)))
      sending = false
      answered += 1
    }
  } finally {
    stop()
  }
}
