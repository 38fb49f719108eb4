import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'

/** The question: which x makes g^x = h modulo p? */
export interface DiscreteLog {
  /** An odd prime. */
  readonly p: bigint
  /** The order of g, a prime: g^q = 1. */
  readonly q: bigint
  readonly g: bigint
  /** A power of g. */
  readonly h: bigint
}

/** The answer, and what it cost. */
export interface Solution {
  /** From 0 to q - 1. */
  readonly exponent: bigint
  /** Multiplications modulo p. */
  readonly steps: number
}

/** @throws {RangeError} when h is no power of g: then a search would never end */
export function checkIsPower({ p, q, h }: DiscreteLog): void {
  if (h < 1n || h >= p || modPow(h, q, p) !== 1n) throw new RangeError('h is not in the group that g generates')
}
