import type { Attack, Family } from './attack.ts'
import { exchange } from './exchange/family.ts'
import { people } from './people/family.ts'
import { records } from './records/family.ts'
import { service } from './service/family.ts'
import { wire } from './wire/family.ts'

/** All attacks, in the order in which they are taught: from listening to lying to breaking things. */
export const FAMILIES: readonly Family[] = [wire, people, exchange, records, service]

export const ATTACKS: readonly Attack[] = FAMILIES.flatMap(({ attacks }) => attacks)
