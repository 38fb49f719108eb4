import { createDecipheriv } from 'node:crypto'
import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { primesBelow } from '@p2p-secure-chat/core/dh/sieve'
import { type LegacyRecord, openLegacyRecord } from '@p2p-secure-chat/dissector/exchange/legacy-record'
import { textbookKey } from '../textbook/toy-exchange.ts'
import type { LegacyGroup } from './crack-event.ts'
import { type SearchOptions, turn } from './search.ts'

/** Every secret below this is tried, also when one was found: a few records may open under more than one by chance. */
export const THOROUGH_SECRETS = 2 ** 16

/** Beyond that the search ends with the first secret that fits; and here it ends. */
export const MOST_SECRETS = 2 ** 32

/** Secrets between two turns of the event loop: some milliseconds. */
const SECRETS_PER_TURN = 2 ** 11

/** A secret under which the records open. */
export interface LegacyFit {
  readonly secret: number
  /** The text of each record; null for one that does not open. */
  readonly texts: readonly (string | null)[]
}

export interface LegacySearchResult {
  /** The likeliest first; none when nothing fits. */
  readonly fits: readonly LegacyFit[]
  /** How many secrets were tried. */
  readonly tried: number
}

export interface LegacySearchOptions extends SearchOptions {
  readonly thorough?: number
  readonly most?: number
}

/**
 * Tries the shared secrets 0, 1, 2, ... of a conversation in the textbook's format: p is not on the wire, but the key
 * depends on the secret alone, and the secret is small. A secret fits when more than half of the records end in padding
 * under it and are UTF-8; all of them do, unless some were altered or cut.
 *
 * @param records some of one conversation, at least one
 * @throws {RangeError} when there is no record
 * @throws the signal's reason after an abort
 */
export async function searchLegacySecret(
  records: readonly LegacyRecord[],
  options: LegacySearchOptions = {},
): Promise<LegacySearchResult> {
  if (records.length === 0) throw new RangeError('without a record every secret fits')
  const { thorough = THOROUGH_SECRETS, most = MOST_SECRETS } = options
  const padded = paddingTest(records)
  const fits: LegacyFit[] = []
  let tried = 0

  while (tried < most && (tried < thorough || fits.length === 0)) {
    const secret = tried
    tried += 1
    const key = textbookKey(BigInt(secret))
    if (2 * padded(key) > records.length) {
      const texts = records.map(record => openLegacyRecord(key, record))
      if (2 * opened(texts) > records.length) fits.push({ secret, texts })
    }
    if (tried % SECRETS_PER_TURN === 0) await turn(tried, options)
  }
  return { fits: fits.toSorted(likeliestFirst), tried }
}

const CHAIN_START = new Uint8Array(BLOCK_BYTES)

/**
 * A wrong key makes noise of the last block, and noise looks like padding once in 256 times. So one block of each record
 * throws out nearly every key, at the cost of one call for all of them: in CBC a block needs only the one before it.
 *
 * @returns a function of a key that counts the records whose last block ends in PKCS#7 padding under it
 */
function paddingTest(records: readonly LegacyRecord[]): (key: Uint8Array) => number {
  const ends = Buffer.concat(
    records.map(({ iv, ciphertext }) => Buffer.concat([iv, ciphertext]).subarray(-2 * BLOCK_BYTES)),
  )
  return key => {
    const blocks = createDecipheriv('aes-256-cbc', key, CHAIN_START).setAutoPadding(false).update(ends)
    let padded = 0
    for (let end = 2 * BLOCK_BYTES; end <= blocks.length; end += 2 * BLOCK_BYTES) {
      if (endsInPadding(blocks, end)) padded += 1
    }
    return padded
  }
}

function endsInPadding(blocks: Uint8Array, end: number): boolean {
  const length = blocks[end - 1] ?? 0
  if (length < 1 || length > BLOCK_BYTES) return false
  for (let at = end - length; at < end; at += 1) if (blocks[at] !== length) return false
  return true
}

function opened(texts: LegacyFit['texts']): number {
  return texts.filter(text => text !== null).length
}

function likeliestFirst(one: LegacyFit, other: LegacyFit): number {
  return opened(other.texts) - opened(one.texts) || controls(one.texts) - controls(other.texts)
}

/** Noise that is UTF-8 by chance has control characters in it; what people write has none but tabs and line ends. */
function controls(texts: LegacyFit['texts']): number {
  return texts.join('').replace(/[^\p{Cc}]|[\t\n\r]/gu, '').length
}

/** Groups with a prime below this are tried: a textbook's numbers are those that fit on a blackboard. */
export const PRIME_LIMIT = 512

/**
 * All groups with a small prime in which two public values lead to a secret: p is above
 * all three numbers, both values are powers of g, and g^(a b) is the secret. One conversation leaves some groups over;
 * two of them in the same group leave few.
 */
export function groupsThatFit(publicValues: readonly [number, number], secret: number): LegacyGroup[] {
  const largest = Math.max(...publicValues, secret)
  const fits: LegacyGroup[] = []
  for (const p of primesBelow(PRIME_LIMIT)) {
    if (p <= largest) continue
    for (let g = 2; g < p; g += 1) {
      const powers = powersOf(g, p)
      const [a, b] = [powers.indexOf(publicValues[0], 1), powers.indexOf(publicValues[1], 1)]
      // Below PRIME_LIMIT a product of two exponents is exact.
      if (a > 0 && b > 0 && powers[(a * b) % (powers.length - 1)] === secret) fits.push({ p, g, exponents: [a, b] })
    }
  }
  return fits
}

/** g^0, g^1, ... up to the first that is 1 again. */
function powersOf(g: number, p: number): number[] {
  const powers = [1]
  for (let power = g; ; power = (power * g) % p) {
    powers.push(power)
    if (power === 1) return powers
  }
}

/** The groups that every conversation leaves over. */
export function groupsInCommon(conversations: readonly (readonly LegacyGroup[])[]): LegacyGroup[] {
  const [first = [], ...others] = conversations
  return first.filter(({ p, g }) => others.every(groups => groups.some(group => group.p === p && group.g === g)))
}
