import { ChatError } from '@p2p-secure-chat/core/errors'
import { describeGroup, type Group } from '@p2p-secure-chat/core/dh/groups'

/**
 * Safe primes that anybody can break, to be broken. Each is the largest p = 2q + 1 below 2^bits with p = 7 modulo 8, so
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
