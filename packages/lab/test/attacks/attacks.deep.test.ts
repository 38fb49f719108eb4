import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { hasNetworks } from '../../../core/test/support/network.ts'
import { ALONE, installPackage } from '../../../../scripts/test/pack/support/installed-package.ts'
import { startBin } from '../../../core/test/support/process.ts'
import { ATTACKS, FAMILIES } from '../../src/attacks/attacks.ts'
import { cellsOfAttack } from '../../src/attacks/cell.ts'
import { attackTable, type CellEvent, cellEvents, withAttackTable, withoutBusyNotes } from '../support/attack-table.ts'

let run: { readonly code: number | null; readonly events: readonly CellEvent[]; readonly stderr: string }

// The one run of the whole matrix in all tests, by the package that people install, where there is no network if that can be
// had. npm test plays one attack of each family on one rung.
beforeAll(async () => {
  const options = hasNetworks() ? { ...(await installPackage()).options, within: ALONE } : {}
  const { code, stdout, stderr } = await startBin('chat-lab', ['matrix', '--json'], options).ended()
  run = { code, events: cellEvents(stdout), stderr }
})

test.each(cellsOfAttack(ATTACKS).map(({ attack, rung }) => [attack.name, rung, attack.against[rung].result] as const))(
  '%s against %s: %s',
  (attack, rung, claimed) => {
    const played = run.events.find(event => event.attack === attack && event.rung === rung)
    const seen = played?.evidence ?? played?.message ?? 'nothing came of it'
    expect(played?.result, seen).toBe(claimed)
    expect(seen).toMatch(/^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]{10,200}$/u)
  },
)

test('all plays end what they began, and the matrix says that all is as claimed', () => {
  expect(withoutBusyNotes(run.stderr)).toBe('')
  expect(run.events.at(-1)).toMatchObject({ event: 'summary', cells: cellsOfAttack(ATTACKS).length, unclaimed: 0 })
  expect(run.code).toBe(0)
})

test('the table of docs/attacks.md has the results of this run', () => {
  const page = readFileSync(new URL('../../../../docs/attacks.md', import.meta.url), 'utf8')
  expect(page, 'npm run attack-table').toBe(withAttackTable(page, attackTable(FAMILIES, run.events)))
})
