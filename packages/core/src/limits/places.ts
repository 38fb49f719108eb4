import { ChatError } from '../errors.ts'
import type { HandshakeStep } from '../wire/upgrade.ts'
import { NETWORK_SHARES } from './rate-limits.ts'

/** Connections at once that have proved nothing yet: each may come to cost an exponentiation. */
export const PLACES = 64

/** How many of them are kept for networks that were seen before. */
export const RESERVED_PLACES = 16

/** How many of them one IPv4 address or /64 may have: a classroom behind one router, which takes turns, and not more. */
export const PLACES_OF_NETWORK = 16

/**
 * How long somebody may take for a step before others may have the place, in milliseconds. None of them needs thought: a
 * program answers at once, and even by way of a satellite its answer is here within a second. The last one needs an
 * exponentiation on a machine that may be slow.
 */
export const ALLOWANCES: Readonly<Record<HandshakeStep, number>> = { hello: 1_000, offer: 1_000, identity: 3_000 }

/** In which order they have to go: first those who have cost most and paid nothing. */
const ORDER: readonly HandshakeStep[] = ['identity', 'offer', 'hello']

/** A place of somebody who is not served yet. */
export interface Place {
  /** The next step is theirs, from now on; null: it is ours, and nobody is driven away while waiting for us. */
  awaits(step: HandshakeStep | null): void
  /** They have ended their side, so nobody waits for us any more. */
  hangUp(): void
  /** Gives the place back. Safe to call again. */
  free(): void
}

/** Limited places for those who come, of which silent ones have to make room. */
export interface Places {
  /**
   * Takes a place. Where there is none, one that is past its allowance is evicted.
   *
   * @param networks where they come from, the narrowest first
   * @param seen whether somebody from there was served before
   * @param onEvicted called when the place goes to somebody else
   * @throws {ChatError} `too-many` when all have their places by right
   */
  take(networks: readonly string[], seen: boolean, onEvicted: (error: ChatError) => void): Place
}

interface Taken {
  readonly networks: readonly string[]
  readonly seen: boolean
  readonly leave: () => void
  step: HandshakeStep | null
  since: number
  hungUp: boolean
}

/** @param now the time in milliseconds, of any monotonic clock */
export function places(now: () => number = () => performance.now()): Places {
  const taken = new Set<Taken>()
  const counts = networkCounts(PLACES_OF_NETWORK)

  /** Who could make the room that somebody needs; null if there is room. */
  function inTheWay(networks: readonly string[], seen: boolean): Taken[] | null {
    const full = counts.full(networks)
    const strangers = [...taken].filter(place => !place.seen)
    const noneForStrangers = !seen && strangers.length >= PLACES - RESERVED_PLACES
    if (full === null && !noneForStrangers && taken.size < PLACES) return null
    const all = noneForStrangers ? strangers : [...taken]
    return full === null ? all : all.filter(place => place.networks.includes(full))
  }

  /** The one of them that has to go, if any. */
  function victimOf(candidates: readonly Taken[]): Taken | undefined {
    const gone = candidates.find(place => place.hungUp)
    if (gone !== undefined) return gone
    const time = now()
    for (const step of ORDER) {
      const late = candidates.filter(place => place.step === step && time - place.since >= ALLOWANCES[step])
      const [oldest] = late.toSorted((a, b) => a.since - b.since)
      if (oldest !== undefined) return oldest
    }
    return undefined
  }

  return {
    take(networks, seen, onEvicted) {
      const candidates = inTheWay(networks, seen)
      if (candidates !== null) {
        const victim = victimOf(candidates)
        if (victim === undefined) throw new ChatError('too-many', 'too many calls at once')
        victim.leave()
      }
      const place: Taken = {
        networks,
        seen,
        leave() {
          free()
          onEvicted(new ChatError('too-many', 'somebody else needed the place'))
        },
        step: 'hello',
        since: now(),
        hungUp: false,
      }
      function free(): void {
        if (taken.delete(place)) counts.remove(networks)
      }
      taken.add(place)
      counts.add(networks)
      return {
        awaits(step) {
          place.step = step
          place.since = now()
        },
        hangUp() {
          place.hungUp = true
        },
        free,
      }
    },
  }
}

/** Counts what each network has of something at once, and each of the wider ones that it lies in. */
export interface NetworkCounts {
  /** The narrowest of these networks that has as much as it may; null if there is none. */
  full(networks: readonly string[]): string | null
  add(networks: readonly string[]): void
  remove(networks: readonly string[]): void
}

/** @param limit for an IPv4 address or a /64; wider networks have their share, NETWORK_SHARES */
export function networkCounts(limit: number): NetworkCounts {
  const counts = new Map<string, number>()
  const countOf = (network: string) => counts.get(network) ?? 0

  return {
    full: networks => networks.find((network, i) => countOf(network) >= limit * (NETWORK_SHARES[i] ?? 1)) ?? null,
    add(networks) {
      for (const network of networks) counts.set(network, countOf(network) + 1)
    },
    remove(networks) {
      for (const network of networks) {
        if (countOf(network) > 1) counts.set(network, countOf(network) - 1)
        else counts.delete(network)
      }
    },
  }
}
