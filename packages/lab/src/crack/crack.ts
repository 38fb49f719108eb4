import { groupNames, namedGroup } from '@p2p-secure-chat/core/dh/groups'
import type { CapturePass } from '@p2p-secure-chat/dissector/reader/input'
import { keyLogLines, type OpenedHandshake } from '@p2p-secure-chat/dissector/exchange/opened-handshake'
import type { Tools } from './run-search.ts'
import { conversationTexts } from './conversation-texts.ts'
import { crackHandshake } from './crack-handshake.ts'
import { crackLegacy } from './crack-legacy.ts'
import { estimateFor } from './estimate.ts'
import type { SeenHandshake } from '@p2p-secure-chat/dissector/exchange/evidence'
import { evidenceCollector } from '@p2p-secure-chat/dissector/exchange/evidence-collector'
import { groupsInCommon, type LegacyGroup } from './legacy-groups.ts'
import { toyGroups } from '../textbook/toy-exchange.ts'

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
