import { type Group, groupNames, namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { bigintToBytes } from '@p2p-secure-chat/core/dh/integers'
import { jacobi } from '@p2p-secure-chat/core/dh/jacobi'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { otherSide } from '@p2p-secure-chat/dissector/capture/stream-event'
import type { SeenHandshake, SeenLegacy } from '@p2p-secure-chat/dissector/exchange/evidence'
import { evidenceCollector } from '@p2p-secure-chat/dissector/exchange/evidence-collector'
import { keyLogLines, type OpenedHandshake, openHandshake } from '@p2p-secure-chat/dissector/exchange/opened-handshake'
import type { CapturePass } from '@p2p-secure-chat/dissector/reader/input'
import { conversationTexts } from './conversation-texts.ts'
import type { LegacyGroup } from './crack-event.ts'
import { estimateFor } from './estimate.ts'
import { groupsInCommon, groupsThatFit, searchLegacySecret } from './legacy-search.ts'
import { runSearch, type Tools } from './search.ts'
import { toyGroups } from '../textbook/toy-exchange.ts'
import { babyStepGiantStep } from './discrete-log.ts'
import { expectedRhoSteps, pollardRho } from './pollard-rho.ts'

/**
 * Attacks every conversation of a capture. The first pass gathers what is on the wire, then come the searches, and a
 * second pass with the keys that they gave shows what was said.
 *
 * @param onOpened told at once of each handshake that was cracked, with its secrets
 * @throws {ChatError} what a pass throws
 */
export async function crack(
  pass: CapturePass,
  tools: Tools,
  onOpened: (opened: OpenedHandshake) => void,
): Promise<void> {
  const { tell } = tools
  const collector = evidenceCollector()
  await pass('', collector.see)

  const handshakes: OpenedHandshake[] = []
  const secrets = new Map<number, number>()
  const groups: (readonly LegacyGroup[])[] = []
  const real = new Map<string, readonly SeenHandshake[]>()
  const readable = new Set<number>()
  for (const seen of collector.evidence) {
    const { number } = seen.connection
    tell({ event: 'seen', seen })
    if (seen.kind === 'handshake') {
      const toy = toyGroups.find(({ name }) => name === seen.group)
      if (toy === undefined) real.set(seen.group, [...(real.get(seen.group) ?? []), seen])
      const opened = toy === undefined ? null : await crackHandshake(seen, toy, tools)
      if (opened === null) continue
      handshakes.push(opened)
      onOpened(opened)
      readable.add(number)
    }
    if (seen.kind === 'legacy') {
      const cracked = await crackLegacy(seen, tools)
      if (cracked !== null) {
        secrets.set(number, cracked.secret)
        groups.push(cracked.groups)
      }
      if (cracked !== null || seen.probes.length === 0) readable.add(number)
    }
  }
  for (const [group, exchanges] of real) {
    const known = groupNames.includes(group) ? namedGroup(group) : null
    const bits = Math.max(...exchanges.map(exchange => exchange.bits))
    const connections = exchanges.map(({ connection }) => connection)
    tell({ event: 'infeasible', group, connections, estimate: estimateFor(known, bits) })
  }
  if (groups.length > 1) tell({ event: 'groups', groups: groupsInCommon(groups), conversations: groups.length })

  let recovered = 0
  if (readable.size > 0) {
    await pass(
      keyLogLines(handshakes),
      conversationTexts(readable, secrets, message => {
        if (message.text !== null) recovered += 1
        tell(message)
      }),
    )
  }
  tell({ event: 'done', recovered, ignored: collector.ignored })
}

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
