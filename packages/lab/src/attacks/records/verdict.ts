import type { Event } from '@p2p-secure-chat/stage/transcript'
import type { Resident } from '@p2p-secure-chat/stage/town'
import { broken, type Outcome, resisted } from '../attack.ts'

/** What a client says that has seen that something is wrong with what it got: with a record, or with what is in it. */
const OBJECTIONS: ReadonlySet<string> = new Set(['bad-record', 'bad-message'])

/**
 * The code with which a client objected.
 *
 * @param last the last event that was awaited on the screen of the victim
 * @throws {Error} when it did not object: then there is no result
 */
export function objection(victim: Resident, { code }: Event): string {
  if (typeof code === 'string' && OBJECTIONS.has(code)) return code
  throw new Error(`nobody won, and ${victim.name} was told ${JSON.stringify(code)}`)
}

/**
 * Mallory wins if what she wanted came to pass; otherwise the client of her victim must have objected.
 *
 * @param last as for objection()
 * @param won what was seen of her success; null if there was none
 * @throws {Error} when neither is so: that is no result
 */
export function verdict(victim: Resident, last: Event, won: string | null): Outcome {
  if (won !== null) return broken(won)
  const code = objection(victim, last)
  return resisted(`the client of ${victim.name} refuses what it got and ends the conversation: ${code}`)
}
