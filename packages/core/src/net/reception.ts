import type { Socket } from 'node:net'
import { ChatError } from '../errors.ts'
import type { Guard } from '../wire/upgrade.ts'
import { cpuBudget } from '../limits/cpu-budget.ts'
import { networkCounts, PLACES, places } from '../limits/places.ts'
import { networksOf, seenNetworks } from './networks.ts'

/** How many a listener serves at once. */
export interface Capacity {
  readonly all: number
  /** From an IPv4 address or a /64; wider networks have their share, NETWORK_SHARES. */
  readonly ofNetwork: number
  /** How many of all may be strangers. */
  readonly strangers: number
}

/** Somebody who has connected. */
export interface Visit {
  /** Aborted when their place has gone to somebody else, or their connection is closed; its reason is a ChatError. */
  readonly gone: AbortSignal
  /**
   * From now on they are served, and nobody else gets their place until their connection is closed.
   *
   * @param stranger whether nothing is known about them
   * @throws {ChatError} `too-many`
   */
  serve(stranger: boolean): void
  /** Gives their place to others, if they are not served: their connection is only to be ended. */
  leave(): void
}

/** The same, with bounds on what they may cost until they are served. */
export type GuardedVisit = Visit & Guard

/** Decides which connections come in. */
export interface Reception<V extends Visit = Visit> {
  /** Most connections that can be inside at once. */
  readonly limit: number
  /** @throws {ChatError} `too-many` */
  enter(socket: Socket): V
}

/** Lets connections in: some places for those who come, and room for those who are served. */
export function reception(capacity: Capacity): Reception<GuardedVisit> {
  const seen = seenNetworks()
  const budget = cpuBudget({ seen })
  const coming = places()
  const served = networkCounts(capacity.ofNetwork)
  let all = 0
  let strangers = 0

  function requireRoom(networks: readonly string[], stranger: boolean): void {
    if (all >= capacity.all || (stranger && strangers >= capacity.strangers)) {
      throw new ChatError('too-many', 'the server is full')
    }
    if (served.full(networks) !== null) throw new ChatError('too-many', 'too many are served from your address')
  }

  return {
    limit: PLACES + capacity.all,

    enter(socket) {
      const networks = networksOf(socket)
      const [network = ''] = networks
      requireRoom(networks, false)
      const end = new AbortController()
      const place = coming.take(networks, seen.has(network), error => end.abort(error))
      let waiting = false
      /** A caller that has ended its side cannot go on, so whatever it would wait for is not computed. */
      function hangUp(): void {
        place.hangUp()
        // What can be admitted at once is, so that a caller that says everything in one piece hears what was wrong.
        setImmediate(() => setImmediate(() => waiting && end.abort(hungUp())))
      }
      socket.once('end', hangUp)
      socket.once('close', () => {
        place.free()
        end.abort(hungUp())
      })
      return {
        gone: end.signal,
        awaits: step => place.awaits(step),
        async admit() {
          place.awaits(null)
          waiting = true
          if (socket.readableEnded) hangUp()
          try {
            await budget.admit(networks, end.signal)
          } finally {
            waiting = false
          }
        },
        charge: work => budget.charge(networks, work),
        leave: () => place.free(),
        serve(stranger) {
          end.signal.throwIfAborted()
          requireRoom(networks, stranger)
          place.free()
          seen.add(network)
          budget.serve(networks)
          served.add(networks)
          all += 1
          if (stranger) strangers += 1
          socket.once('close', () => {
            served.remove(networks)
            all -= 1
            if (stranger) strangers -= 1
          })
        },
      }
    },
  }
}

function hungUp(): ChatError {
  return new ChatError('cut', 'the other side has ended the connection')
}
