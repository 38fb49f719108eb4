import { bigintToBytes } from '@p2p-secure-chat/core/dh/integers'
import type { Group } from '@p2p-secure-chat/core/dh/groups'
import { jacobi } from '@p2p-secure-chat/core/dh/jacobi'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { otherSide } from '@p2p-secure-chat/dissector/capture/stream-event'
import { runSearch, type Tools } from './run-search.ts'
import { babyStepGiantStep } from './baby-step-giant-step.ts'
import type { SeenHandshake } from '@p2p-secure-chat/dissector/exchange/evidence'
import { openHandshake, type OpenedHandshake } from '@p2p-secure-chat/dissector/exchange/opened-handshake'
import { expectedRhoSteps, pollardRho } from './pollard-rho.ts'

/** Below this order a table is small and quick; above it, memory is worth more. */
const TABLE_ORDER = 2n ** 32n

/**
 * Breaks the exchange of a handshake in a small group: one private exponent gives the secret that both sides had, and the
 * secret gives everything else.
 *
 * @returns null when it is not broken
 */
export async function crackHandshake(seen: SeenHandshake, group: Group, tools: Tools): Promise<OpenedHandshake | null> {
  const { connection } = seen
  const outside = (['dialler', 'listener'] as const).find(side => !isInGroup(group, seen.publicValues[side]))
  if (outside !== undefined) {
    tools.tell({ event: 'not-in-group', connection, of: outside })
    return null
  }

  const { p, q, g } = group
  const of = seen.initiator
  const problem = { p, q, g, h: seen.publicValues[of] }
  const byTable = q < TABLE_ORDER
  const expected = byTable ? 1.5 * Math.sqrt(Number(q)) : expectedRhoSteps(q)
  tools.tell({ event: 'search', connection, method: byTable ? 'baby-step giant-step' : 'pollard rho', p, expected })
  const result = await runSearch(connection, expected, tools, options =>
    byTable ? babyStepGiantStep(problem, options) : pollardRho(problem, { ...options, random: tools.random }),
  )
  if (result === null) return null

  const { exponent, steps } = result.found
  const shared = modPow(seen.publicValues[otherSide(of)], exponent, p)
  const opened = openHandshake(seen, bigintToBytes(shared, group.bytes))
  tools.tell({
    event: 'exponent',
    connection,
    of,
    exponent,
    shared,
    proved: opened.proved,
    steps,
    seconds: result.seconds,
  })
  return opened
}

function isInGroup({ p }: Group, value: bigint): boolean {
  return value >= 1n && value < p && jacobi(value, p) === 1
}
