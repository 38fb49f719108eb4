import { ChatError } from '../errors.ts'

/**
 * Waits for `work`, but not for ever. The work itself is not stopped: whoever calls aborts the channel or socket.
 *
 * @param milliseconds how long to wait
 * @param what the thing waited for, for the message: "the hello", "the handshake"
 * @throws {ChatError} `timeout`, or what the work throws
 */
export async function withDeadline<T>(work: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new ChatError('timeout', `${what} did not come within ${milliseconds / 1000} seconds`))
    }, milliseconds)
  })
  try {
    return await Promise.race([work, expired])
  } finally {
    clearTimeout(timer)
  }
}
