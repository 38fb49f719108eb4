import type { Rate } from '@p2p-secure-chat/core/net/allowances'

/** Offers of one peer that a person is asked about, or told that they were declined: each is a line to read. */
export const OFFERS_SHOWN: Rate = { burst: 64, interval: 1_000 }

/**
 * Offers of one peer that are accepted unasked and come to nothing: each may make a file and remove it, and is told twice.
 * Files that arrive are not counted, however many there are.
 */
export const OFFERS_WASTED: Rate = { burst: 64, interval: 100 }

/** A token bucket whose tokens are taken after the fact: what an offer comes to is known at its end. */
export interface OfferLimit {
  /** Whether no more offers are taken now. @param now milliseconds of any monotonic clock */
  exhausted(now: number): boolean
  /** Counts one. */
  note(now: number): void
}

export function offerLimit({ burst, interval }: Rate): OfferLimit {
  /** When the bucket is full again. */
  let fullAt = Number.NEGATIVE_INFINITY

  return {
    exhausted: now => fullAt - now > (burst - 1) * interval,
    note(now) {
      fullAt = Math.max(fullAt, now) + interval
    },
  }
}
