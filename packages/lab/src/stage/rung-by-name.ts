import { noSuch } from '@p2p-secure-chat/basic-p2p/commands/suggestions'
import { type RungName, RUNGS } from './rungs.ts'

/** @throws {ChatError} `usage`, which says what was meant, most likely */
export function rungByName(name: string): RungName {
  const rung = RUNGS.find(one => one === name)
  if (rung !== undefined) return rung
  throw noSuch('rung', name, RUNGS, `the rungs are ${RUNGS.join(', ')}`)
}
