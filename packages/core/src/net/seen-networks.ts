/** How long a network is remembered, in milliseconds: whoever calls daily is known each time. */
const MEMORY = 24 * 60 * 60_000

/** Networks that are remembered. */
const NETWORK_LIMIT = 4_096

/**
 * Networks from which somebody was served, which takes a proven key on the rungs that have keys. They are kept in memory
 * alone: a file would tell its reader who called from where.
 */
export interface SeenNetworks {
  has(network: string): boolean
  add(network: string): void
}

/** @param now the time in milliseconds, of any monotonic clock */
export function seenNetworks(now: () => number = () => performance.now()): SeenNetworks {
  const seenAt = new Map<string, number>()
  return {
    has: network => now() - (seenAt.get(network) ?? Number.NEGATIVE_INFINITY) < MEMORY,
    add(network) {
      seenAt.delete(network)
      const [oldest] = seenAt.keys()
      if (seenAt.size >= NETWORK_LIMIT && oldest !== undefined) seenAt.delete(oldest)
      seenAt.set(network, now())
    },
  }
}
