import { expect, test } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'
import { ATTACKS } from '../../src/attacks/attacks.ts'
import { cellsOfAttack } from '../../src/attacks/cell.ts'
import { cellEvents, withoutBusyNotes } from '../support/attack-table.ts'

test('every attack comes out as claimed against the top of the ladder', async () => {
  const lab = startBin('chat-lab', ['matrix', '--json', '--rung', 'aes'])
  const { code, stdout, stderr } = await lab.ended()
  expect(withoutBusyNotes(stderr)).toBe('')
  const events = cellEvents(stdout)
  for (const { attack, rung } of cellsOfAttack(ATTACKS, ['aes'])) {
    const played = events.find(event => event.attack === attack.name)
    const seen = played?.evidence ?? played?.message ?? 'nothing came of it'
    expect(played?.result, `${attack.name}: ${seen}`).toBe(attack.against[rung].result)
    expect(seen).toMatch(/^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]{10,200}$/u)
  }
  expect(events.at(-1)).toMatchObject({ event: 'summary', cells: ATTACKS.length, unclaimed: 0, missed: 0 })
  expect(code).toBe(0)
})

test('each question has an answer that is a result', () => {
  for (const { question } of ATTACKS) {
    expect(question).toMatch(/\?$/)
    expect(question).not.toMatch(/(?:^|[.?!] )(?:What|How|Which|Why|Who|When)\b/)
  }
})
