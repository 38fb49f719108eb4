import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ATTACKS } from '../../src/attacks/attacks.ts'
import { isTextbook, RUNGS } from '../../src/rungs.ts'
import { PROTECTIONS } from './protections.ts'
import { tableOfProtections } from './protection-table.ts'

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
const document = read('docs/threat-model.md')

/** The lines of the table under a heading. */
function table(heading: string, text = document): string[] {
  const section = text.split(/^## /m).find(text => text.startsWith(`${heading}\n`)) ?? ''
  return section.split('\n').filter(line => line.startsWith('|'))
}

const columns = RUNGS.filter(rung => !isTextbook(rung))

/** A table of `yes`, `no` and `-` by rung, with the attacks of each row in its last column. */
function claims(lines: readonly string[]) {
  return lines
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
    .filter(({ attacks }) => attacks.length > 0)
}

describe('what works against which rung', () => {
  const rows = claims(table('What works against which rung'))
  const inReadme = claims(table('What each rung resists', read('README.md')))

  test('has a place for every attack', () => {
    const shown = rows.flatMap(({ attacks }) => attacks)
    expect([...new Set(shown)].toSorted()).toEqual(ATTACKS.map(({ name }) => name).toSorted())
  })

  test('the README has such a table as well', () => {
    expect(inReadme.length).toBeGreaterThan(5)
  })

  test.each([...rows, ...inReadme])('$what', ({ words, attacks }) => {
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
