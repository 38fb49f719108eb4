import type { ChatError } from '../errors.ts'
import type { Message } from './frame.ts'

/**
 * Carries whole messages in order between two sides. Every rung has its own: plain frames over a socket, a key stream,
 * sealed records. Failure sticks: a channel that failed keeps failing with the same error.
 */
export interface Channel {
  /**
   * Takes one message for sending. The promise settles when there is room for more, not when the message has arrived:
   * whoever awaits it is slowed down to the speed of the other side.
   *
   * @throws {ChatError} the error that ended the channel, or `closed` after close()
   * @throws {RangeError} when the message is larger than this channel carries
   */
  send(message: Message): Promise<void>

  /**
   * Waits for the next message. Bytes that arrive early wait here for their turn; one receive() at a time.
   *
   * @returns null only after the other side's orderly goodbye (authenticated where the channel is)
   * @throws {ChatError} the error that ended the channel: `cut` when it ended without a goodbye
   */
  receive(): Promise<Message | null>

  /** Says goodbye and ends this side once everything taken for sending is out. Safe to call again. */
  close(): Promise<void>

  /** Ends both directions at once, without a goodbye; what waits in send() and receive() fails with `error`. */
  abort(error: ChatError): void
}
