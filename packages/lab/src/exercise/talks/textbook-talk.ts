import { randomBetween } from '@p2p-secure-chat/core/dh/integers'
import { textbookProtection, type TextbookProtection } from '../../textbook/chat.ts'
import { type ToyGroup, toyKeyPair, toySecret } from '../../textbook/toy-exchange.ts'
import type { Variant } from '../variant.ts'
import type { Said } from './talk-capture.ts'

/** The exchange of a textbook chat, and the protection of its texts. */
export interface TextbookTalk {
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
export function textbookTalk(variant: Variant, group: ToyGroup, listener = 'bob'): TextbookTalk {
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
