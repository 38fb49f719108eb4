import type { ChatError } from '../errors.ts'
import type { Message } from './frame.ts'

/** Bytes that may wait to leave before send() makes its caller wait too: a few full records. */
export const SEND_ROOM = 256 * 1024

/** Bytes that may wait to leave when the caller ignores send()'s promise; then the channel is given up. */
export const SEND_LIMIT = 8 * 1024 * 1024

/** What send() returns where there is room for more. It is always the same promise, so that nobody need wait for it. */
export const ROOM: Promise<void> = Promise.resolve()

/**
 * Carries whole messages in order between two sides. Every rung has its own: plain frames over a socket, a key stream,
 * sealed records. Failure sticks: a channel that failed keeps failing with the same error.
 */
export interface Channel {
  /**
   * Takes one message for sending; its body must not change afterwards. The promise settles when there is room for
   * more, not when the message has arrived: a caller that awaits it is slowed down to the speed of the other side
   * (backpressure). One that ignores it learns of a failure from receive(), and fails with `too-many` if the other side
   * does not keep up.
   *
   * @throws {ChatError} the error that ended the channel, or `closed` after close()
   * @throws {RangeError} when the message is larger than this channel carries
   */
  send(message: Message): Promise<void>

  /**
   * Waits for the next message. Bytes that arrive early wait here for their turn; one receive() at a time.
   *
   * @returns null once the other side has ended cleanly. On a bare socket that is the end of the stream,
   * which a crash or an attacker can cause as well; goodbye.ts makes it an explicit message, sealed where records are
   * @throws {ChatError} the error that ended the channel: `cut` when it ended without that
   */
  receive(): Promise<Message | null>

  /**
   * The next message, if it has arrived already. It crosses all layers in one step, without a promise. The end and every
   * failure are left to receive(). Not to be called while a receive() waits.
   *
   * @returns undefined if the caller has to receive()
   */
  poll(): Message | undefined

  /**
   * Ends our direction once everything taken for sending is out; receive() goes on until the other side ends its own.
   * Safe to call again.
   */
  close(): Promise<void>

  /** Ends both directions at once, without a goodbye; what waits in send() and receive() fails with `error`. */
  abort(error: ChatError): void
}
