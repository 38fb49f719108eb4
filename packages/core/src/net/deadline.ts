import { ChatError } from '../errors.ts'
import { patience } from './patience.ts'

/**
 * Waits for `work`, but not for ever. The work itself is not stopped: the caller aborts the channel or socket.
 *
 * @param milliseconds how long to wait
 * @param what the thing waited for, for the message: "the hello", "the handshake"
 * @param signal ends the waiting earlier
 * @throws {ChatError} `timeout`, the reason of the signal, or what the work throws
 */
export async function withDeadline<T>(
  work: Promise<T>,
  milliseconds: number,
  what: string,
  signal?: AbortSignal,
): Promise<T> {
  let stop = () => {}
  const ended = new Promise<never>((_, reject) => {
    const late = () => reject(new ChatError('timeout', `${what} did not come within ${milliseconds / 1000} seconds`))
    const wait = patience()
    wait.begin(milliseconds, late)
    const giveUp = () => reject(signal?.reason)
    stop = () => {
      wait.end()
      signal?.removeEventListener('abort', giveUp)
    }
    if (signal?.aborted) giveUp()
    else signal?.addEventListener('abort', giveUp)
  })
  try {
    return await Promise.race([work, ended])
  } finally {
    stop()
  }
}
