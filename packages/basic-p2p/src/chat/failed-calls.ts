import { ChatError } from '@p2p-secure-chat/core/errors'

/** Failed calls that are reported one by one in each period: enough to find a mistake, too few to fill a screen. */
export const TOLD_PER_PERIOD = 3

/** The length of a period, in milliseconds. */
export const PERIOD = 60_000

/** Notes a connection that never became a call, and its source. */
export type FailedCall = (error: ChatError, source: string) => void

/**
 * Reports connections that failed before they became a call: the first few of a period one by one, the others as a
 * number and an example at its end. Anybody can connect to an open port as often as they like. Callers that just left
 * again are not reported: a port scan looks like that, and there is nothing to do about it.
 *
 * @param report shows an error to the user
 */
export function failedCalls(report: (error: ChatError) => void): FailedCall {
  let timer: NodeJS.Timeout | null = null
  let reported = 0
  let unreported = 0
  let last: ChatError | null = null

  function endPeriod(): void {
    if (last !== null)
      report(inOtherWords(last, `${unreported} more in the last minute; the last one: ${last.message}`))
    timer = null
    reported = 0
    unreported = 0
    last = null
  }

  return (cause, source) => {
    if (cause.code === 'cut') return
    // The messages of these two say already that a call came, and in which name.
    const named = cause.code === 'key-changed' || cause.code === 'wrong-peer'
    const message = named ? `${cause.message}, from ${source}` : `no call from ${source}: ${cause.message}`
    const error = inOtherWords(cause, message)
    timer ??= setTimeout(endPeriod, PERIOD).unref()
    if (reported === TOLD_PER_PERIOD) {
      unreported += 1
      last = error
      return
    }
    reported += 1
    report(error)
  }
}

function inOtherWords(cause: ChatError, message: string): ChatError {
  return new ChatError(cause.code, message, { cause, hint: cause.hint, peer: cause.peer })
}
