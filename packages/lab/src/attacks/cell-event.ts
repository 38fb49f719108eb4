import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { asChatError } from '@p2p-secure-chat/core/errors'
import type { PlayedCell } from './cell.ts'

/**
 * What `--json` says of a cell: a `cell` event with what came of it, or, where a play has no result, an `error` event
 * that names the cell.
 */
export function cellEvent(played: PlayedCell): Readonly<Record<string, unknown>> {
  const { attack, rung, claimed, seconds } = played
  const which = { attack: attack.name, rung, claimed, seconds: Number(seconds.toFixed(3)) }
  if (played.result === null) return { ...errorEvent(asChatError(played.error)), ...which }
  return { event: 'cell', ...which, result: played.result, evidence: played.evidence }
}
