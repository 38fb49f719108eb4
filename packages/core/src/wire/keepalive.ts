import { ChatError } from '../errors.ts'
import { type Channel, ROOM } from './channel.ts'
import { KEEPALIVE } from './message-types.ts'

/** After how many milliseconds of our own silence we say that we are still here. */
export const KEEPALIVE_IDLE = 15_000

/** After how many milliseconds of the other side's silence the connection counts as lost: three missed keepalives. */
export const KEEPALIVE_LOSS = 45_000

const EMPTY = new Uint8Array(0)

/** A repeating timer, injected so that this file needs no clock of its own. Returns what stops it. */
export type Every = (milliseconds: number, tick: () => void) => () => void

/**
 * Notices a dead peer that a silent TCP connection would hide. Each side sends KEEPALIVE when it was quiet for `idle`;
 * when a receive() waited for `loss` and nothing at all came, or a send() and nothing was taken, the channel fails with
 * `timeout`. While nobody waits for the other side, its silence proves nothing. The callers see no keepalive.
 *
 * @param channel the channel to watch; it must let type KEEPALIVE through
 * @param every repeating timer; time is counted in its ticks of `idle` milliseconds
 */
export function withKeepalive(channel: Channel, every: Every, idle = KEEPALIVE_IDLE, loss = KEEPALIVE_LOSS): Channel {
  let sentSinceTick = false
  let receiving = false
  let blockedSends = 0
  let releasedSinceTick = false
  let blockedFor = 0
  let silentFor = 0
  let weLeft = false
  let theyLeft = false

  const stop = every(idle, () => {
    if ((receiving && silentFor >= loss) || blockedFor >= loss) {
      stop()
      channel.abort(new ChatError('timeout', `nothing came for ${loss / 1000} seconds`))
      return
    }
    if (receiving) silentFor += idle
    blockedFor = blockedSends > 0 && !releasedSinceTick ? blockedFor + idle : 0
    releasedSinceTick = false
    if (!sentSinceTick && !weLeft) {
      // A send that fails makes receive() fail with the same error, and that is where it is reported.
      channel.send({ type: KEEPALIVE, body: EMPTY }).catch(stop)
    }
    sentSinceTick = false
  })

  function released(): void {
    blockedSends -= 1
    releasedSinceTick = true
  }

  return {
    send(message) {
      sentSinceTick = true
      const sent = channel.send(message)
      if (sent === ROOM) return sent
      blockedSends += 1
      sent.then(released, released)
      return sent
    },
    async receive() {
      receiving = true
      try {
        for (;;) {
          const message = await channel.receive()
          silentFor = 0
          if (message?.type === KEEPALIVE) continue
          if (message === null) {
            theyLeft = true
            if (weLeft) stop()
          }
          return message
        }
      } catch (error) {
        stop()
        throw error
      } finally {
        receiving = false
      }
    },
    async close() {
      weLeft = true
      if (theyLeft) stop()
      await channel.close()
    },
    abort(error) {
      stop()
      channel.abort(error)
    },
  }
}
