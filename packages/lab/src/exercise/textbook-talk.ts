import type { Said } from './talk-capture.ts'
import type { Variant } from './variant.ts'
import { randomBetween } from '@p2p-secure-chat/core/dh/random-integer'
import { textbookProtection, type TextbookProtection } from '../textbook/protection.ts'
import { type ToyGroup, toyKeyPair, toySecret } from '../textbook/toy-exchange.ts'

/**
 * Safe primes of five digits, each with a primitive root: so an exponent below p - 1 is the only one for its public
 * value.
 */
export const SMALL_GROUPS: readonly ToyGroup[] = [
  { p: 10_007n, g: 5n },
  { p: 15_083n, g: 2n },
  { p: 20_123n, g: 2n },
  { p: 30_203n, g: 2n },
  { p: 40_127n, g: 5n },
  { p: 50_147n, g: 2n },
  { p: 60_539n, g: 2n },
  { p: 62_039n, g: 17n },
]

/** The exchange of a textbook chat, and the protection of its texts. */
export interface TextbookTalk {
  /** The two public values. */
  readonly opening: readonly Said[]
  readonly exponents: Readonly<Record<'dialler' | 'listener', bigint>>
  readonly secret: bigint
  readonly protection: TextbookProtection
}

/** Two people exchange numbers as the textbook does, with the chance of a variant. */
export function textbookTalk(variant: Variant, group: ToyGroup): TextbookTalk {
  const pairOf = (side: string) =>
    toyKeyPair(group, randomBetween(2n, group.p - 2n, variant.random(`exponent of the ${side}`)))
  const [dialler, listener] = [pairOf('dialler'), pairOf('listener')]
  const secret = toySecret(group, dialler, listener.publicValue)
  return {
    opening: [
      { from: 'dialler', bytes: Buffer.from(String(dialler.publicValue)) },
      { from: 'listener', bytes: Buffer.from(String(listener.publicValue)) },
    ],
    exponents: { dialler: dialler.exponent, listener: listener.exponent },
    secret,
    protection: textbookProtection('aes', secret, variant.random('initialisation vectors')),
  }
}
