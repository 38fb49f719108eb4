import { expect, test } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'
import { ATTACKS, FAMILIES } from '../../src/attacks/attacks.ts'
import { cellsOfAttack } from '../../src/attacks/cell.ts'
import { cellEvents, withoutBusyNotes } from '../support/attack-table.ts'

/** One of each family that waits for no long deadline; npm run test:deep plays all. */
const played = FAMILIES.flatMap(({ attacks }) => attacks.find(({ patient }) => patient !== true) ?? [])

test('an attack of each family comes out as claimed against the top of the ladder', async () => {
  const names = played.map(({ name }) => name)
  expect(names).toHaveLength(FAMILIES.length)
  const lab = startBin('chat-lab', ['matrix', '--json', '--rung', 'aes', '--attack', ...names])
  const { code, stdout, stderr } = await lab.ended()
  expect(withoutBusyNotes(stderr)).toBe('')
  const events = cellEvents(stdout)
  for (const { attack, rung } of cellsOfAttack(played, ['aes'])) {
    const cell = events.find(event => event.attack === attack.name)
    const seen = cell?.evidence ?? cell?.message ?? 'nothing came of it'
    expect(cell?.result, `${attack.name}: ${seen}`).toBe(attack.against[rung].result)
    expect(seen).toMatch(/^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]{10,200}$/u)
  }
  expect(events.at(-1)).toMatchObject({ event: 'summary', cells: played.length, unclaimed: 0, missed: 0 })
  expect(code).toBe(0)
})

test('each question has an answer that is a result', () => {
  for (const { question } of ATTACKS) {
    expect(question).toMatch(/\?$/)
    expect(question).not.toMatch(/(?:^|[.?!] )(?:What|How|Which|Why|Who|When)\b/)
  }
})
