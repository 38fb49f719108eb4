import { readsOnPath } from '@p2p-secure-chat/stage/legible'
import type { Play } from './play.ts'

/**
 * What is wrong with a play: what its actors missed, and what the path shows and should not, or should show and does not.
 *
 * @param legible whether somebody on the path of this rung reads the texts
 * @returns one line for each fault; none when all is well
 */
export function findings({ failures, passed, texts }: Play, legible: boolean): string[] {
  const wrong = texts.filter(text => readsOnPath(passed, text) !== legible)
  return [...failures, ...wrong.map(text => `"${text}" ${legible ? 'is not legible' : 'is legible'} on the path`)]
}
