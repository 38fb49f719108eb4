import { isLoopback } from '@p2p-secure-chat/core/net/address'
import { allowances, type Rate } from '@p2p-secure-chat/core/net/allowances'
import { networkOf } from '@p2p-secure-chat/core/net/network-of'

/**
 * Connections from one address: a classroom behind one router comes at once, or comes back; a single host needs hours to
 * take all places of a directory, and a day to bind all its names.
 */
export const CONNECTIONS_OF_SOURCE: Rate = { burst: 64, interval: 1_000 }

/**
 * Decides who may connect to a directory. On its own machine everybody may: they are all one address, and whoever is
 * there can do worse.
 *
 * @param now the time in milliseconds, of any monotonic clock
 * @returns a function that says whether somebody at this IP address may connect now, and counts it
 */
export function admission(now?: () => number): (host: string) => boolean {
  const sources = allowances(CONNECTIONS_OF_SOURCE, now)
  return host => isLoopback(host) || sources.take(networkOf(host))
}
