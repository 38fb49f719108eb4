import { randomBetween } from '@p2p-secure-chat/core/dh/integers'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { primesBelow } from '@p2p-secure-chat/core/dh/sieve'
import { textbookProtection, type TextbookProtection } from '../../textbook/chat.ts'
import { type ToyGroup, toyKeyPair, toySecret } from '../../textbook/toy-exchange.ts'
import type { Variant } from '../variant.ts'
import type { Said } from './conversation-capture.ts'

/** The exchange of a textbook chat, and the protection of its texts. */
export interface TextbookConversation {
  /** The two public values. */
  readonly opening: readonly Said[]
  /** That of the dialler. */
  readonly exponent: bigint
  readonly secret: bigint
  readonly protection: TextbookProtection
}

/**
 * Two people exchange numbers as the textbook does, with the chance of a variant. The dialler keeps one exponent for all
 * talks, as the textbook's program does.
 */
export function textbookConversation(variant: Variant, group: ToyGroup, listener = 'bob'): TextbookConversation {
  const pairOf = (who: string) =>
    toyKeyPair(group, randomBetween(2n, group.p - 2n, variant.random(`exponent of ${who}`)))
  const [ours, theirs] = [pairOf('the dialler'), pairOf(listener)]
  const secret = toySecret(group, ours, theirs.publicValue)
  return {
    opening: [
      { from: 'dialler', bytes: Buffer.from(String(ours.publicValue)) },
      { from: 'listener', bytes: Buffer.from(String(theirs.publicValue)) },
    ],
    exponent: ours.exponent,
    secret,
    protection: textbookProtection('aes', secret, variant.random(`initialisation vectors with ${listener}`)),
  }
}

/** Five digits: a loop over the powers of one group takes no time, and one over those of all groups some seconds. */
const SMALLEST = 10_000
const LIMIT = 100_000

/**
 * One of about 500 safe primes of five digits, with its smallest primitive root: so an exponent below p - 1 is the only
 * one for its public value.
 */
export function smallGroup(variant: Variant): ToyGroup {
  const primes = primesBelow(LIMIT)
  const known = new Set(primes)
  const safe = [...primes].filter(prime => prime >= SMALLEST && known.has((prime - 1) / 2))
  const p = BigInt(variant.pick('group', safe))
  return { p, g: primitiveRoot(p) }
}

/** The smallest number that is no square modulo a safe prime: each of these but p - 1 generates all others. */
function primitiveRoot(p: bigint): bigint {
  let g = 2n
  while (modPow(g, p >> 1n, p) !== p - 1n) g += 1n
  return g
}
