import { contain, contained } from '@p2p-secure-chat/core/contain'
import type { ChatError } from '@p2p-secure-chat/core/errors'
import { systemCode } from '@p2p-secure-chat/core/files/file-error'
import { patience } from '@p2p-secure-chat/core/net/patience'

/** How long a conversation may be without a connection, in milliseconds: as long as a router needs to start again. */
const PATIENCE = 120_000

/**
 * How long a peer may be gone, in milliseconds, where the connection was closed and not just silent: its program has
 * ended, and unless somebody starts it again nobody comes back.
 */
const GONE_PATIENCE = 3_000

/** Pauses before the first attempts, in milliseconds; after them the last one repeats. */
const PAUSES = [0, 250, 500, 1_000, 2_000, 4_000, 8_000]

/** A conversation that has lost its connection, until another one carries it or it is given up. */
export interface Interruption {
  /** Why the connection is gone. */
  readonly lost: ChatError
  /** Settles when it has ended, for better or worse. */
  readonly over: Promise<void>
  /** Makes the next attempt at once. */
  hurry(): void
  /** No further attempts: another connection carries the conversation, or our user has left it. */
  end(): void
}

/** How an interrupted conversation gets a connection again. */
export interface Attempts {
  /** Milliseconds before the first one. */
  readonly headStart: number
  /**
   * Makes one.
   *
   * @returns whether the conversation may go on; if not, it is over at the peer's
   * @throws {ChatError} why the peer was not reached
   */
  readonly attempt: () => Promise<boolean>
  /** Told why there will be no other connection, unless end() came first. */
  readonly onGivenUp: (error: ChatError) => void
}

/** Begins at once, and tries until it has ended. */
export function interruption(lost: ChatError, { headStart, attempt, onGivenUp }: Attempts): Interruption {
  const whole = patience()
  const gone = patience()
  let isOver = false
  let ended = false
  /** Whether the last attempt found the peer's program ended, and each one before it for long enough. */
  let isGone = false
  let isGoneForLong = false
  /** Whether the next attempt needs no pause before it. */
  let hurried = false
  let wake = () => {}
  let onOver = () => {}
  const over = new Promise<void>(resolve => {
    onOver = resolve
  })

  function end(): void {
    ended = true
    whole.end()
    gone.end()
    wake()
    onOver()
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

  /** Whether it is time to stop, after an attempt that did not reach the peer. */
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

  return { lost, over, hurry, end }
}

/** Whether an error says that the peer's program runs no more, rather than that the way there is blocked. */
function saysGone({ code, cause }: ChatError): boolean {
  if (code === 'unknown-user') return true
  return code === 'unreachable' && systemCode(cause) === 'ECONNREFUSED'
}
