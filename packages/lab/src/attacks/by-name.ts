import { closeMatch } from '@p2p-secure-chat/basic-p2p/commands/close-match'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type RungName, RUNGS } from '../stage/rungs.ts'
import type { Attack } from './attack.ts'
import { ATTACKS } from './attacks.ts'

/** @throws {ChatError} `usage`, which says what was meant, most likely */
export function attackByName(name: string): Attack {
  const hint = 'chat-lab attack lists them all'
  return found(
    name,
    'attack',
    ATTACKS.map(attack => [attack.name, attack] as const),
    hint,
  )
}

/** @throws {ChatError} `usage`, which says what was meant, most likely */
export function rungByName(name: string): RungName {
  return found(
    name,
    'rung',
    RUNGS.map(rung => [rung, rung] as const),
    `the rungs are ${RUNGS.join(', ')}`,
  )
}

function found<T>(name: string, kind: string, known: readonly (readonly [string, T])[], hint: string): T {
  const byName = new Map(known)
  const thing = byName.get(name)
  if (thing !== undefined) return thing
  const meant = closeMatch(name, byName.keys())
  throw new ChatError('usage', `there is no ${kind} ${name}${meant === null ? '' : `; did you mean ${meant}?`}`, {
    hint,
  })
}
