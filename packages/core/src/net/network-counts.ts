import { NETWORK_SHARES } from './networks.ts'

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
