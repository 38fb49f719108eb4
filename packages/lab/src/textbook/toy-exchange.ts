import { createHash } from 'node:crypto'
import { describeGroup, type Group } from '@p2p-secure-chat/core/dh/groups'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { randomBetween } from '@p2p-secure-chat/core/dh/integers'
import { ChatError } from '@p2p-secure-chat/core/errors'

/** Parameters of a Diffie-Hellman exchange that nobody has checked. */
export interface ToyGroup {
  /** An odd prime, of whatever size. */
  readonly p: bigint
  readonly g: bigint
}

/** The numbers that textbooks calculate with: 22 public values are possible. */
export const TEXTBOOK_GROUP: ToyGroup = { p: 23n, g: 5n }

/** One side of an exchange. */
export interface ToyKeyPair {
  readonly exponent: bigint
  readonly publicValue: bigint
}

/** @param exponent drawn at random unless given */
export function toyKeyPair({ p, g }: ToyGroup, exponent = randomBetween(1n, p - 2n)): ToyKeyPair {
  return { exponent, publicValue: modPow(g, exponent, p) }
}

/** Accepts any value from the other side, as the textbook does: 0, 1 and p - 1 give a secret that anyone can guess. */
export function toySecret({ p }: ToyGroup, { exponent }: ToyKeyPair, peerPublic: bigint): bigint {
  return modPow(peerPublic, exponent, p)
}

/** The textbook's AES key: the SHA-256 of the secret, written in decimal. So there are as many keys as secrets. */
export function textbookKey(secret: bigint): Uint8Array {
  return createHash('sha256').update(String(secret)).digest()
}

/**
 * Safe primes that anyone can break, to be broken. Each is the largest p = 2q + 1 below 2^bits with p = 7 modulo 8, so
 * that 2 generates the squares: nobody had anything to choose. No client knows them, so none takes a call in one.
 */
const PRIMES = [
  ['toy24', 16_774_679n],
  ['toy32', 4_294_967_087n],
  ['toy40', 1_099_511_615_303n],
  ['toy48', 281_474_976_705_359n],
  ['toy64', 18_446_744_073_709_543_127n],
] as const

/** A group of full exponents: the table of real groups would give their exponents more bits than the prime has. */
function toyGroup(name: string, p: bigint): Group {
  const group = describeGroup(name, p, 2n)
  return Object.freeze({ ...group, exponentBits: group.bits - 1 })
}

/** All toy groups, the smallest first. */
export const toyGroups: readonly Group[] = PRIMES.map(([name, p]) => toyGroup(name, p))

/** @throws {ChatError} `unknown-group` */
export function toyGroupNamed(name: string): Group {
  const group = toyGroups.find(toy => toy.name === name)
  if (group !== undefined) return group
  const names = toyGroups.map(toy => toy.name).join(', ')
  throw new ChatError('unknown-group', `no toy group is called ${name}`, { hint: `they are ${names}` })
}
