import { runSearch, type Tools } from './run-search.ts'
import type { SeenLegacy } from '@p2p-secure-chat/dissector/exchange/evidence'
import { groupsThatFit, type LegacyGroup } from './legacy-groups.ts'
import { searchLegacySecret } from './legacy-search.ts'

/** What a conversation in the textbook's format gave away. */
export interface CrackedLegacy {
  readonly secret: number
  /** Small groups that lead from the public values to the secret. */
  readonly groups: readonly LegacyGroup[]
}

/**
 * Tries all secrets on an encrypted conversation in the textbook's format.
 *
 * @returns null when none was found, or there is nothing to find
 */
export async function crackLegacy(seen: SeenLegacy, tools: Tools): Promise<CrackedLegacy | null> {
  const { connection, probes, publicValues } = seen
  if (probes.length === 0) return null
  tools.tell({ event: 'search', connection, method: null, p: null, expected: null })
  const result = await runSearch(connection, null, tools, options => searchLegacySecret(probes, options))
  if (result === null) return null

  const { fits, tried } = result.found
  const [best] = fits
  const groups =
    best === undefined ? [] : groupsThatFit([Number(publicValues.dialler), Number(publicValues.listener)], best.secret)
  tools.tell({
    event: 'secret',
    connection,
    fits: fits.map(({ secret, texts }) => ({ secret, sample: texts.find(text => text !== null) ?? '' })),
    groups,
    steps: tried,
    seconds: result.seconds,
  })
  return best === undefined ? null : { secret: best.secret, groups }
}
