import { closeMatch } from '@p2p-secure-chat/basic-p2p/commands/close-match'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type RungName, RUNGS } from '../stage/rungs.ts'
import type { Attack } from './attack.ts'
import { ATTACKS } from './attacks.ts'

/** @throws {ChatError} `usage`, which says what was meant, most likely */
export function attackByName(name: string): Attack {
  const attack = ATTACKS.find(one => one.name === name)
  if (attack !== undefined) return attack
  const names = ATTACKS.map(one => one.name)
  throw noSuch('attack', name, names, 'chat-lab attack lists them all')
}

/** @throws {ChatError} `usage`, which says what was meant, most likely */
export function rungByName(name: string): RungName {
  const rung = RUNGS.find(one => one === name)
  if (rung !== undefined) return rung
  throw noSuch('rung', name, RUNGS, `the rungs are ${RUNGS.join(', ')}`)
}

function noSuch(kind: string, name: string, known: readonly string[], hint: string): ChatError {
  const meant = closeMatch(name, known)
  const message = `there is no ${kind} ${name}${meant === null ? '' : `; did you mean ${meant}?`}`
  return new ChatError('usage', message, { hint })
}
