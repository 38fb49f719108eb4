import { expandLabel, hkdfExtract } from '@p2p-secure-chat/core/cipher/hkdf'
import { keystream } from '@p2p-secure-chat/core/cipher/keystream'
import { randomBetween } from '@p2p-secure-chat/core/dh/integers'
import type { RandomSource } from '@p2p-secure-chat/core/cipher/random-pool'

/** Bytes of the key from which all draws of one label come. */
const KEY_BYTES = 32

/**
 * All that chance decides in somebody's exercise. It comes from their seed alone, so the same seed always gives the same
 * texts, keys and places. Each draw has a label, and does not depend on what else is drawn.
 */
export interface Variant {
  /** Bytes without end, from their beginning each time that it is asked for. */
  random(label: string): RandomSource
  /** A whole number from `low` to `high`, both included. */
  integer(label: string, low: number, high: number): number
  /** One of them. @throws {RangeError} when there is none */
  pick<Item>(label: string, items: readonly Item[]): Item
  /** All of them in another order. */
  shuffled<Item>(label: string, items: readonly Item[]): Item[]
}

/**
 * HKDF-SHA-256 (RFC 5869) from the seed, with the exercise as the salt: one seed gives independent variants of two
 * exercises.
 *
 * @param exercise its name
 * @param seed any text
 */
export function variantOf(exercise: string, seed: string): Variant {
  const root = hkdfExtract(Buffer.from(`p2p-secure-chat lab exercise/1 ${exercise}`), Buffer.from(seed))

  function random(label: string): RandomSource {
    const stream = keystream(expandLabel(root, label, KEY_BYTES))
    return bytes => stream.xor(new Uint8Array(bytes))
  }

  return drawing(random)
}

/** All that is drawn for one of several like things: no two share a draw. */
export function branchOf(variant: Variant, name: string): Variant {
  return drawing(label => variant.random(`${name} ${label}`))
}

function drawing(random: Variant['random']): Variant {
  const integer = (label: string, low: number, high: number) =>
    Number(randomBetween(BigInt(low), BigInt(high), random(label)))

  function pick<Item>(label: string, items: readonly Item[]): Item {
    const [item] = items.slice(integer(label, 0, items.length - 1))
    if (item === undefined) throw new RangeError(`nothing to pick for ${label}`)
    return item
  }

  return {
    random,
    integer,
    pick,
    shuffled(label, items) {
      const left = [...items]
      return items.flatMap((_, i) => left.splice(integer(`${label} ${i}`, 0, left.length - 1), 1))
    },
  }
}
