/** How much of something there may be: `burst` units at once, and one more for each interval. */
export interface Rate {
  readonly burst: number
  /** In milliseconds. */
  readonly interval: number
}

/** Accounts of many, each with its own allowance. */
export interface RateLimits {
  /** Units that are left of a key's allowance; below 0 while it has used more than it had. */
  left(key: string): number
  /** Uses some up, also more than are left: then time has to make up for it before anything is left again. */
  charge(key: string, units: number): void
  /** Uses one up if there is one. @returns whether there was */
  take(key: string): boolean
}

/** Where a share of a rate is no whole number, sums are off by less than that. */
export const ROUNDING = 1e-6

/** Keys that are remembered: more than any honest crowd, and half a megabyte at most. */
export const KEY_LIMIT = 4_096

/**
 * A token bucket for each key. Of a bucket only the moment is kept in which it is full again. Where there are too many
 * keys, the least recently used one is forgotten. If its bucket was not full, a new key begins with an empty
 * one: nobody gets a second burst by being forgotten, or by having many names. A clock that steps back earns nothing.
 *
 * @param now the time in milliseconds, of any monotonic clock
 */
export function rateLimits({ burst, interval }: Rate, now: () => number = () => performance.now()): RateLimits {
  const fullAt = new Map<string, number>()
  const whole = burst * interval

  /** Milliseconds until the bucket of a key is full. */
  function missing(key: string, time: number): number {
    const full = fullAt.get(key)
    if (full !== undefined) return Math.max(0, full - time)
    const [oldest = 0] = fullAt.size < KEY_LIMIT ? [] : fullAt.values()
    return oldest > time ? whole : 0
  }

  function charge(key: string, units: number): void {
    const time = Math.floor(now())
    const full = time + missing(key, time) + units * interval
    // Put in again, it is the last in the map's order.
    fullAt.delete(key)
    const [oldest] = fullAt.keys()
    if (fullAt.size >= KEY_LIMIT && oldest !== undefined) fullAt.delete(oldest)
    fullAt.set(key, full)
  }

  const left = (key: string) => (whole - missing(key, Math.floor(now()))) / interval

  return {
    left,
    charge,
    take(key) {
      const taken = left(key) >= 1 - ROUNDING
      // Also in vain, so that an account that begins empty fills from now on.
      if (taken || !fullAt.has(key)) charge(key, taken ? 1 : 0)
      return taken
    },
  }
}

/**
 * What a /64, a /56 and a /48 may have, against one IPv4 address: the owner of a wider network owns all that lie in it, up
 * to 65,536 of them (RFC 6177), and must not get that many times more.
 */
export const NETWORK_SHARES: readonly number[] = [1, 1.5, 2]

/** Allowances of networks, and of all of them together. */
export interface NetworkRateLimits {
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
export function networkRateLimits(each: Rate, all?: Rate, now?: () => number): NetworkRateLimits {
  const shared = all === undefined ? [] : [{ rate: all, account: rateLimits(all, now) }]
  const levels = NETWORK_SHARES.map(share => {
    const rate = { burst: each.burst * share, interval: each.interval / share }
    return { rate, account: rateLimits(rate, now) }
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
