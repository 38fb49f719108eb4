import { contain, contained } from '@p2p-secure-chat/core/contain'
import type { ChatError } from '@p2p-secure-chat/core/errors'
import { deferred } from '@p2p-secure-chat/core/deferred'
import { systemCode } from '@p2p-secure-chat/core/files/file-error'
import { patience } from '@p2p-secure-chat/core/net/patience'

/** How long a conversation may be without a connection, in milliseconds: as long as a router takes to restart. */
const PATIENCE = 120_000

/**
 * How long a peer may be gone, in milliseconds, if the connection was closed and not just silent: its program has
 * ended, and comes back only if somebody starts it again.
 */
const GONE_PATIENCE = 3_000

/** Pauses before the first attempts, in milliseconds; the last one repeats. */
const PAUSES = [0, 250, 500, 1_000, 2_000, 4_000, 8_000]

/** The search for a new connection of a conversation, until there is one or we give up. */
export interface Reconnect {
  /** Why the old connection is gone. */
  readonly lost: ChatError
  /** Settles when the search has ended, successful or not. */
  readonly over: Promise<void>
  /** Makes the next attempt at once. */
  hurry(): void
  /** Makes no further attempts: there is a new connection, or our user has left. */
  end(): void
}

/** How to reconnect, and what to do when that fails. */
export interface Attempts {
  /** Milliseconds before the first one. */
  readonly headStart: number
  /**
   * Makes one.
   *
   * @returns whether the conversation may resume; if not, the peer has ended it
   * @throws {ChatError} why the peer was not reached
   */
  readonly attempt: () => Promise<boolean>
  /** Called with the reason why there will be no new connection, unless end() came first. */
  readonly onGivenUp: (error: ChatError) => void
}

/** Searches for a new connection, from now on. */
export function reconnect(lost: ChatError, { headStart, attempt, onGivenUp }: Attempts): Reconnect {
  const whole = patience()
  const gone = patience()
  let isOver = false
  let ended = false
  /** Whether the last attempt found that the peer's program has ended, and whether all have for long enough. */
  let isGone = false
  let isGoneForLong = false
  /** Whether the next attempt needs no pause before it. */
  let hurried = false
  let wake = () => {}
  const over = deferred()

  function end(): void {
    ended = true
    whole.end()
    gone.end()
    wake()
    over.resolve()
  }

  function giveUp(error: ChatError): void {
    if (ended) return
    end()
    onGivenUp(error)
  }

  async function pause(milliseconds: number): Promise<void> {
    if (!ended && !hurried && milliseconds > 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, milliseconds)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    hurried = false
  }

  /** Whether to give up after an attempt that did not reach the peer. */
  function isHopeless(error: ChatError): boolean {
    if (!saysGone(error)) {
      gone.end()
      isGone = isGoneForLong = false
    } else if (!isGone) {
      isGone = true
      gone.begin(GONE_PATIENCE, () => {
        isGoneForLong = true
      })
    }
    return isOver || (isGoneForLong && lost.code !== 'timeout')
  }

  async function run(): Promise<void> {
    whole.begin(PATIENCE, () => {
      isOver = true
    })
    await pause(headStart)
    for (let count = 0; !ended; count++) {
      await pause(PAUSES[Math.min(count, PAUSES.length - 1)] ?? 0)
      if (ended) return
      try {
        if (!(await attempt())) giveUp(lost)
      } catch (thrown) {
        const error = contain(thrown)
        if (error.exitCode === 3 || error.code === 'internal') giveUp(error)
        else if (isHopeless(error)) giveUp(lost)
      }
    }
  }

  contained(run())

  function hurry(): void {
    hurried = true
    wake()
  }

  return { lost, over: over.promise, hurry, end }
}

/** Whether an error means that the peer's program has ended, and not just that the network is down. */
function saysGone({ code, cause }: ChatError): boolean {
  if (code === 'unknown-user') return true
  return code === 'unreachable' && systemCode(cause) === 'ECONNREFUSED'
}
