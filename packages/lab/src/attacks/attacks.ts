import { noSuch } from '@p2p-secure-chat/basic-p2p/commands/suggestions'
import type { Attack, Family } from './attack.ts'
import { exchange } from './exchange/family.ts'
import { people } from './people/family.ts'
import { records } from './records/family.ts'
import { service } from './service/family.ts'
import { wire } from './wire/family.ts'

/** All attacks, in the order in which they are taught: from listening to lying to breaking things. */
export const FAMILIES: readonly Family[] = [wire, people, exchange, records, service]

export const ATTACKS: readonly Attack[] = FAMILIES.flatMap(({ attacks }) => attacks)

/** @throws {ChatError} `usage`, which says what was meant, most likely */
export function attackByName(name: string): Attack {
  const attack = ATTACKS.find(one => one.name === name)
  if (attack !== undefined) return attack
  const names = ATTACKS.map(one => one.name)
  throw noSuch('attack', name, names, 'chat-lab attack lists them all')
}
