import { contain, ignorable } from '../contain.ts'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError } from '../errors.ts'
import type { Channel } from '../wire/channel.ts'
import { errorMessage } from '../wire/error-message.ts'
import { withDeadline } from './deadline.ts'

/** How long the other side may take to end its direction after we ended ours, in milliseconds. */
export const CONCLUDE_DEADLINE = 1_500

/** How long our last words to somebody who was silent may take, in milliseconds. */
const LAST_WORDS_DEADLINE = 500

/** Messages that are thrown away before the event loop has a turn. */
const LATE_PER_TURN = 16

/**
 * Ends a connection cleanly: says what was wrong if something was and the other side has not reported it itself, ends our
 * direction, and gives the other side a moment to end its own; after a `timeout` of ours its end is not awaited, for it
 * was silent anyway. Whatever goes wrong with that is of no interest any more. Nobody else may be receiving, except after
 * a `timeout`. Never rejects.
 */
export async function conclude(channel: Channel, error: ChatError | null): Promise<void> {
  const told = toTell(error)
  const silent = told?.code === 'timeout'

  async function part(): Promise<void> {
    // If our direction is closed already, nothing more can be said, but the other side is still waited for.
    if (told !== null) await channel.send(errorMessage(told)).catch(() => undefined)
    await channel.close()
    // What still arrives comes too late to matter, and must not hold up anybody else either.
    for (let late = 1; !silent && (await channel.receive()) !== null; late++) {
      if (late % LATE_PER_TURN === 0) await nextTurn()
    }
  }
  try {
    await withDeadline(part(), silent ? LAST_WORDS_DEADLINE : CONCLUDE_DEADLINE, 'the end')
  } catch (thrown) {
    // A channel that failed has ended by itself; one that is merely slow is ended here.
    channel.abort(contain(thrown))
  }
  if (silent) channel.abort(told)
}

/**
 * Ends a connection while somebody else receives from it, or nobody: says why, as conclude() does, and ends our
 * direction. Whatever still comes buys no time: after the same moment as in conclude() the connection is cut.
 *
 * @returns settles when our direction is over. Never rejects
 */
export async function dismiss(channel: Channel, error: ChatError | null): Promise<void> {
  const cut = error ?? new ChatError('closed', 'the connection is over')
  setTimeout(() => channel.abort(cut), CONCLUDE_DEADLINE).unref()
  const told = toTell(error)
  if (told !== null) void ignorable(channel.send(errorMessage(told)))
  await channel.close().catch(() => undefined)
}

/** What the other side hears of an error: nothing where it has reported that one itself, or has left, which is `cut`. */
function toTell(error: ChatError | null): ChatError | null {
  return error === null || error.reported || error.code === 'cut' ? null : error
}
