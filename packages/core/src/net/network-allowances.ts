import { allowances, type Rate, ROUNDING } from './allowances.ts'
import { NETWORK_SHARES } from './networks.ts'

/** Allowances of networks, and of all of them together. */
export interface NetworkAllowances {
  /** Units that are left to its narrowest network alone. */
  own(networks: readonly string[]): number
  /** Milliseconds until something is left; 0 if it is. */
  wait(networks: readonly string[]): number
  /** Uses some up, also more than are left. */
  charge(networks: readonly string[], units: number): void
  /** Uses one up if there is one. @returns whether there was */
  take(networks: readonly string[]): boolean
}

/** The account that everybody shares. */
const EVERYBODY = ''

/**
 * Counts for each network, and for the wider ones that it lies in.
 *
 * @param each what an IPv4 address or a /64 may have; wider networks have their share, NETWORK_SHARES
 * @param all what all of them may have together; by default that is not limited
 * @param now the time in milliseconds, of any monotonic clock
 */
export function networkAllowances(each: Rate, all?: Rate, now?: () => number): NetworkAllowances {
  const shared = all === undefined ? [] : [{ rate: all, account: allowances(all, now) }]
  const levels = NETWORK_SHARES.map(share => {
    const rate = { burst: each.burst * share, interval: each.interval / share }
    return { rate, account: allowances(rate, now) }
  })

  /** All accounts that somebody from there draws on, with its key in each. */
  const accounts = (networks: readonly string[]) => [
    ...levels.slice(0, networks.length).map((level, i) => ({ ...level, key: networks[i] ?? '' })),
    ...shared.map(level => ({ ...level, key: EVERYBODY })),
  ]

  function charge(networks: readonly string[], units: number): void {
    for (const { account, key } of accounts(networks)) account.charge(key, units)
  }

  return {
    own: networks => levels[0]?.account.left(networks[0] ?? '') ?? 0,
    wait(networks) {
      const waits = accounts(networks).map(({ account, key, rate }) => {
        const units = account.left(key)
        return units > 0 ? 0 : 1 - units * rate.interval
      })
      return Math.max(...waits)
    },
    charge,
    take(networks) {
      const taken = accounts(networks).every(({ account, key }) => account.left(key) >= 1 - ROUNDING)
      charge(networks, taken ? 1 : 0)
      return taken
    },
  }
}
