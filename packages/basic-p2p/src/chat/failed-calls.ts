import { ChatError } from '@p2p-secure-chat/core/errors'

/** Failed calls that are told one by one in each period: enough to find a mistake, too few to fill a screen. */
export const TOLD_PER_PERIOD = 3

/** The length of a period, in milliseconds. */
export const PERIOD = 60_000

/** To be told of a connection that never became a call, and of where it came from. */
export type FailedCall = (error: ChatError, source: string) => void

/**
 * Tells of connections that failed before they became a call: the first few of a period one by one, the others as one
 * number and an example at its end. Anybody can knock at an open port as often as they like. Of callers that just left
 * again it tells nothing: a scan of ports looks like that, and there is nothing to do about it.
 *
 * @param report tells the user
 */
export function failedCalls(report: (error: ChatError) => void): FailedCall {
  let timer: NodeJS.Timeout | null = null
  let told = 0
  let untold = 0
  let last: ChatError | null = null

  function endPeriod(): void {
    if (last !== null) report(inOtherWords(last, `${untold} more in the last minute; the last one: ${last.message}`))
    timer = null
    told = 0
    untold = 0
    last = null
  }

  return (cause, source) => {
    if (cause.code === 'cut') return
    // These two are about a name, and say themselves that a call came in it.
    const named = cause.code === 'key-changed' || cause.code === 'wrong-peer'
    const message = named ? `${cause.message}, from ${source}` : `no call from ${source}: ${cause.message}`
    const error = inOtherWords(cause, message)
    timer ??= setTimeout(endPeriod, PERIOD).unref()
    if (told === TOLD_PER_PERIOD) {
      untold += 1
      last = error
      return
    }
    told += 1
    report(error)
  }
}

function inOtherWords(cause: ChatError, message: string): ChatError {
  return new ChatError(cause.code, message, { cause, hint: cause.hint, peer: cause.peer })
}
