import { ChatError } from '@p2p-secure-chat/core/errors'
import { isLoopback } from '@p2p-secure-chat/core/net/address'
import { type Rate, networkAllowances } from '@p2p-secure-chat/core/limits/allowances'
import { type Ends, networksOf } from '@p2p-secure-chat/core/net/networks'
import type { Reception } from '@p2p-secure-chat/core/net/reception'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { REGISTER } from '../messages/directory.ts'

/**
 * Connections from one address: a classroom behind one router comes at once, or comes back; a single host needs hours to
 * take all places of a directory, and a day to bind all its names.
 */
export const CONNECTIONS_OF_SOURCE: Rate = { burst: 64, interval: 1_000 }

/**
 * Lets users in. Whoever connects has a place at once, as long as nobody comes too often; where none is left, the oldest
 * connection goes that has not registered.
 *
 * @param capacity connections at once
 * @param admits whether somebody may connect now
 */
export function directoryReception(capacity: number, admits = admission()): Reception {
  const inside = new Set<AbortController>()
  /** Those who have not registered, in the order in which they came, and what ends them. */
  const unregistered = new Set<AbortController>()

  function makeRoom(): void {
    const [oldest] = unregistered
    if (oldest === undefined) throw new ChatError('too-many', `this directory has its ${capacity} users already`)
    oldest.abort(new ChatError('too-many', 'all places are taken, and others came'))
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
 * Decides who may connect to a directory. On its own machine everybody may: they are all one address, and whoever is
 * there can do worse.
 *
 * @param now the time in milliseconds, of any monotonic clock
 * @returns a function that says whether somebody may connect now, and counts it
 */
export function admission(now?: () => number): (ends: Ends) => boolean {
  const sources = networkAllowances(CONNECTIONS_OF_SOURCE, undefined, now)
  return ends => isLoopback(ends.remoteAddress ?? '') || sources.take(networksOf(ends))
}

/** What one client gets before the others have their turn, in bytes of answers: a few tenths of a millisecond of work. */
export const TURN = 64 * 1024

/** The least that a request costs, in the same unit: 16 of them are a turn. */
export const REQUEST_COST = TURN / 16

/** What a byte of a request costs: JSON that is made to be slow takes that much longer than it takes to answer a byte. */
const BYTE_COST = 16

/** What a request costs; its answer costs as much as it has bytes. A registration has a signature to be checked. */
export function costOf({ type, body }: Message): number {
  return type === REGISTER.type ? TURN : Math.max(REQUEST_COST, BYTE_COST * body.length)
}
