import { ChatError } from '@p2p-secure-chat/core/errors'
import { isLoopback } from '@p2p-secure-chat/core/net/address'
import { type Rate, networkRateLimits } from '@p2p-secure-chat/core/limits/rate-limits'
import { type Ends, networksOf } from '@p2p-secure-chat/core/net/networks'
import type { Reception } from '@p2p-secure-chat/core/net/reception'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { REGISTER } from '../messages/directory.ts'

/**
 * Connections from one address: a classroom behind one router may connect or reconnect at once, but a single host needs
 * hours to take all places of a directory, and a day to bind all its names.
 */
export const CONNECTIONS_OF_SOURCE: Rate = { burst: 64, interval: 1_000 }

/**
 * Lets users in. Every connection gets a place at once unless its address connects too often. If no place is left, the
 * oldest connection that has not registered is closed.
 *
 * @param capacity connections at once
 * @param admits whether somebody may connect now
 */
export function directoryReception(capacity: number, admits = admission()): Reception {
  const inside = new Set<AbortController>()
  /** Ends the connections that have not registered, the oldest first. */
  const unregistered = new Set<AbortController>()

  function makeRoom(): void {
    const [oldest] = unregistered
    if (oldest === undefined) throw new ChatError('too-many', `this directory is full: it has ${capacity} users`)
    oldest.abort(new ChatError('too-many', 'all places are taken, and newer connections need one'))
  }

  return {
    limit: capacity,

    enter(socket) {
      if (!admits(socket)) {
        throw new ChatError('too-many', 'too many connections from your address in a short time')
      }
      if (inside.size >= capacity) makeRoom()
      const end = new AbortController()
      inside.add(end)
      unregistered.add(end)
      function leave(): void {
        inside.delete(end)
        unregistered.delete(end)
      }
      end.signal.addEventListener('abort', leave)
      socket.once('close', () => end.abort(new ChatError('cut', 'the connection was closed')))
      return {
        gone: end.signal,
        leave,
        serve() {
          end.signal.throwIfAborted()
          unregistered.delete(end)
        },
      }
    },
  }
}

/**
 * Decides who may connect to a directory. Everybody on its own machine may: they all share one address, and could do
 * worse anyway.
 *
 * @param now the time in milliseconds, of any monotonic clock
 * @returns a function that says whether somebody may connect now, and counts the connection
 */
export function admission(now?: () => number): (ends: Ends) => boolean {
  const sources = networkRateLimits(CONNECTIONS_OF_SOURCE, undefined, now)
  return ends => isLoopback(ends.remoteAddress ?? '') || sources.take(networksOf(ends))
}

/**
 * What one client gets before the others have their turn, in bytes of answers: a few tenths of a millisecond of work.
 */
export const TURN_BYTES = 64 * 1024

/** The minimum cost of a request, in the same unit: a turn has room for 16. */
export const REQUEST_COST = TURN_BYTES / 16

/**
 * The cost of a byte of a request: JSON that is built to be slow takes that much longer to read than an answer to
 * write.
 */
const BYTE_COST = 16

/** The cost of a request; its answer costs its size in bytes. A registration has a signature to check. */
export function costOf({ type, body }: Message): number {
  return type === REGISTER.type ? TURN_BYTES : Math.max(REQUEST_COST, BYTE_COST * body.length)
}
