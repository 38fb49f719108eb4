import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ATTACKS } from '../../src/attacks/attacks.ts'
import { isTextbook, RUNGS } from '../../src/rungs.ts'
import { PROTECTIONS } from './protections.ts'
import { tableOfProtections } from './protection-table.ts'

const document = readFileSync(new URL('../../../../docs/threat-model.md', import.meta.url), 'utf8')

/** The lines of the table under a heading. */
function table(heading: string): string[] {
  const section = document.split(/^## /m).find(text => text.startsWith(`${heading}\n`)) ?? ''
  return section.split('\n').filter(line => line.startsWith('|'))
}

describe('what works against which rung', () => {
  const columns = RUNGS.filter(rung => !isTextbook(rung))
  const rows = table('What works against which rung')
    .slice(2)
    .map(line =>
      line
        .slice(1, -1)
        .split('|')
        .map(cell => cell.trim()),
    )
    .map(([what = '', ...cells]) => ({
      what,
      words: new Map(columns.map((rung, i) => [rung, cells[i] ?? ''])),
      attacks: [...(cells[columns.length] ?? '').matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
    }))

  test('has a place for every attack', () => {
    const shown = rows.flatMap(({ attacks }) => attacks)
    expect([...new Set(shown)].toSorted()).toEqual(ATTACKS.map(({ name }) => name).toSorted())
  })

  test.each(rows.filter(({ attacks }) => attacks.length > 0))('$what', ({ words, attacks }) => {
    for (const [rung, word] of words) {
      const results = attacks.map(name => ATTACKS.find(attack => attack.name === name)?.against[rung].result)
      const works = results.some(result => result === 'broken' || result === 'leaks')
      const expected = works ? 'yes' : results.includes('resisted') ? 'no' : '-'
      expect(/^[*]*(yes|no|-)/.exec(word)?.[1], `${rung}: ${results.join()}`).toBe(expected)
    }
  })
})

test('each protection, and what breaks without it', () => {
  expect(table('Each protection, and what breaks without it')).toEqual(tableOfProtections(PROTECTIONS))
})
