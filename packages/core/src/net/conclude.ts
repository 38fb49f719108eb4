import { ChatError } from '../errors.ts'
import type { Channel } from '../wire/channel.ts'
import { errorMessage } from '../wire/error-message.ts'
import { withDeadline } from './deadline.ts'

/** How long the other side may take to end its direction after we ended ours, in milliseconds. */
export const CONCLUDE_DEADLINE = 1_500

/**
 * Ends a connection in order: says what was wrong if something was, ends our direction, and gives the other side a
 * moment to end its own. Never throws; the connection is over when it returns. Nobody else may be receiving.
 */
export async function conclude(channel: Channel, error: ChatError | null): Promise<void> {
  async function part(): Promise<void> {
    if (error !== null) await channel.send(errorMessage(error))
    await channel.close()
    while ((await channel.receive()) !== null) {
      // What still arrives comes too late to matter.
    }
  }
  try {
    await withDeadline(part(), CONCLUDE_DEADLINE, 'the end')
  } catch (late) {
    // A channel that failed has nobody left to tell; one that is merely slow is ended here.
    if (late instanceof ChatError && late.code === 'timeout') channel.abort(late)
  }
}
