/** Offers of one peer in OFFER_PERIOD that may ask for a person's attention. */
export const OFFERS_PER_PERIOD = 64

/** In milliseconds. */
const OFFER_PERIOD = 60_000

/** Counts offers, and tells whether one more is too many. */
export function offerLimit(): (now: number) => boolean {
  let began = Number.NEGATIVE_INFINITY
  let count = 0
  return now => {
    if (now - began >= OFFER_PERIOD) {
      began = now
      count = 0
    }
    count += 1
    return count > OFFERS_PER_PERIOD
  }
}
