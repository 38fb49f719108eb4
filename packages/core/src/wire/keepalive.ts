import { ChatError } from '../errors.ts'
import { type Channel, ROOM } from './channel.ts'
import { KEEPALIVE } from './common-messages.ts'

/** After how many milliseconds of our own silence we say that we are still here. */
export const KEEPALIVE_IDLE = 15_000

/** After how many milliseconds of the other side's silence the connection counts as lost: three missed keepalives. */
export const KEEPALIVE_LOSS = 45_000

/** How late a timer may be, in milliseconds, on a machine that is merely busy. */
const LATE = 1_000

/** Time, injected so that this file needs no clock of its own. */
export interface Clock {
  /** In milliseconds, of any clock that only goes forward. */
  now(): number
  /** Calls back once. @returns what prevents that */
  after(milliseconds: number, act: () => void): () => void
}

/**
 * Notices a dead peer that a silent TCP connection would hide. Each side sends KEEPALIVE once it was quiet for `idle`;
 * when a receive() has waited for `loss` and nothing at all came, or a send() and nothing was taken, the channel fails with
 * `timeout`. While nobody waits for the other side, its silence proves nothing, and neither does it while this process is
 * suspended: after that the other side has time for its next keepalives. The callers see no keepalive.
 *
 * @param channel the channel to watch; it must let type KEEPALIVE through
 * @param idle in milliseconds, as is `loss`
 */
export function withKeepalive(channel: Channel, clock: Clock, idle = KEEPALIVE_IDLE, loss = KEEPALIVE_LOSS): Channel {
  /** When we spoke last, when the other side did or we began to wait for it, and when it took something of ours. */
  let spokeAt = clock.now()
  let heardAt = spokeAt
  let takenAt = spokeAt
  /** Whether it is known in this turn that we speak. */
  let isStamped = false
  let receiving = false
  let blockedSends = 0
  let weLeft = false
  let theyLeft = false
  /** When the next check is due. */
  let due = 0
  let stop = () => {}

  function check(): void {
    const now = clock.now()
    if (now - due > LATE) {
      heardAt = Math.max(heardAt, now - idle)
      takenAt = Math.max(takenAt, now - idle)
    }
    if (receiving && now - heardAt >= loss) return lose('came')
    if (blockedSends > 0 && now - takenAt >= loss) return lose('was taken')
    if (!weLeft && now - spokeAt >= idle) {
      spokeAt = now
      // A send that fails makes receive() fail with the same error, and that is where it is reported.
      channel.send(KEEPALIVE.message({})).catch(() => stop())
    }
    checkLater(now)
  }

  /** When the first of what is waited for is due. What begins meanwhile is due later than the next check. */
  function checkLater(now: number): void {
    due = now + Math.min(idle, loss)
    if (!weLeft) due = Math.min(due, spokeAt + idle)
    if (receiving) due = Math.min(due, heardAt + loss)
    if (blockedSends > 0) due = Math.min(due, takenAt + loss)
    stop = clock.after(due - now, check)
  }

  function stamp(): void {
    isStamped = true
    spokeAt = clock.now()
    process.nextTick(() => {
      isStamped = false
    })
  }

  function lose(what: string): void {
    channel.abort(new ChatError('timeout', `nothing ${what} for ${loss / 1000} seconds`))
  }

  function released(): void {
    blockedSends -= 1
    takenAt = clock.now()
  }

  checkLater(spokeAt)
  return {
    send(message) {
      const sent = channel.send(message)
      // Once a turn: the clock costs as much as a short message.
      if (!isStamped) stamp()
      if (sent === ROOM) return sent
      if (blockedSends === 0) takenAt = clock.now()
      blockedSends += 1
      sent.then(released, released)
      return sent
    },
    poll() {
      let message = channel.poll()
      while (message?.type === KEEPALIVE.type) message = channel.poll()
      return message
    },
    async receive() {
      receiving = true
      try {
        for (;;) {
          heardAt = clock.now()
          const message = await channel.receive()
          if (message?.type === KEEPALIVE.type) continue
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
