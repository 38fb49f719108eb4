import { ofTheHandshake } from './handshake.ts'
import { ofPeople } from './people.ts'
import { ofPrograms } from './programs.ts'
import type { Protection } from './protection.ts'
import { ofRecords } from './records.ts'

/** What the aes rung stands on. For each there is an attack that nothing else stops. */
export const PROTECTIONS: readonly Protection[] = [...ofTheHandshake, ...ofPeople, ...ofRecords, ...ofPrograms]
