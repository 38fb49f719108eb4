import { ChatError } from '@p2p-secure-chat/core/errors'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { widthOf } from '@p2p-secure-chat/core/terminal/rows'
import { expect, test } from 'vitest'
import { broken, type Result } from '../../src/attacks/attack.ts'
import { cellEvent, type PlayedCell } from '../../src/attacks/cell.ts'
import { evidenceLines, matrixTable, matrixSummary } from '../../src/matrix/matrix-report.ts'
import { RUNGS } from '../../src/rungs.ts'
import { claim, madeUpAttack } from '../support/made-up-attack.ts'

const PLAIN = colourFor({ isTTY: false })
const COLOURED = colourFor({ isTTY: true }, { TERM: 'xterm' }, [])

const there = claim('broken', async () => broken('it is there'))
const against = { basic: there, 'textbook-dh': there, 'textbook-aes': there, dh: there, aes: there }
const listening = madeUpAttack('listening', { against })
const lying = madeUpAttack('a-lie-of-some-length', { against })
const families = [
  { name: 'ears', title: 'Ears', attacks: [listening] },
  { name: 'tongues', title: 'Tongues', attacks: [lying] },
]

const RESULTS: readonly (Result | 'n/a')[] = ['n/a', 'broken', 'broken', 'leaks', 'resisted', 'resisted']
const cellsOf = (attack = listening): PlayedCell[] =>
  RUNGS.map((rung, i) => {
    const result = RESULTS[i] ?? 'n/a'
    return {
      attack,
      rung,
      claimed: result,
      result,
      seconds: 1,
      evidence: result === 'n/a' ? 'nothing is here' : `seen on ${rung}`,
    }
  })

const otherThanClaimed: PlayedCell[] = [
  ...cellsOf().slice(0, 4),
  {
    attack: listening,
    rung: 'dh',
    claimed: 'resisted',
    seconds: 1,
    result: 'broken',
    evidence: 'she\u001b[2J reads it',
  },
  { attack: listening, rung: 'aes', claimed: 'resisted', seconds: 1, result: null, error: new Error('bob never came') },
]

test('rows come in the order of the table as soon as they are whole, with the heading of their family', () => {
  const table = matrixTable(families, RUNGS, PLAIN)
  expect(table.heading).toEqual([
    '                       calc     basic    textbook textbook dh       aes',
    '                                         dh       aes',
  ])
  expect(cellsOf(lying).flatMap(table.add)).toEqual([])
  expect(cellsOf().toReversed().flatMap(table.add)).toEqual([
    '',
    'Ears',
    '  listening            -        broken   broken   leaks    resisted resisted',
    '',
    'Tongues',
    '  a-lie-of-some-length -        broken   broken   leaks    resisted resisted',
  ])
})

test('a table of some rungs has their columns alone', () => {
  const table = matrixTable(families, ['dh', 'aes'], PLAIN)
  expect(table.heading).toEqual(['                       dh       aes'])
  const [, , cell] = cellsOf()
    .filter(({ rung }) => rung === 'dh' || rung === 'aes')
    .flatMap(table.add)
  expect(cell).toBe('  listening            resisted resisted')
})

test('what comes out other than claimed stands in capitals and in red', () => {
  const rowIn = (colours: typeof PLAIN) => otherThanClaimed.flatMap(matrixTable(families, RUNGS, colours).add)[2] ?? ''
  expect(rowIn(PLAIN)).toBe('  listening            -        broken   broken   leaks    BROKEN   FAILED')
  expect(rowIn(COLOURED)).toContain(COLOURED.red.bold.inverse('BROKEN  '))
  expect(rowIn(COLOURED)).toContain(COLOURED.red('broken  '))
})

test('each cell has its evidence, each reason for nothing stands once, and the terminal obeys none of it', () => {
  const lines = evidenceLines(families, [...cellsOf(lying), ...otherThanClaimed], PLAIN, 80)
  expect(lines.slice(0, 8)).toEqual([
    '',
    'listening',
    '  basic         broken    seen on basic',
    '  textbook-dh   broken    seen on textbook-dh',
    '  textbook-aes  leaks     seen on textbook-aes',
    '  dh            BROKEN    she␛[2J reads it',
    '  aes           FAILED    no result: bob never came',
    '  -             calc: there is nothing of that kind here',
  ])
})

test.each([80, 60])('nothing is wider than a terminal of %i columns', columns => {
  const long = cellsOf().map(cell => ({ ...cell, evidence: 'a line of evidence '.repeat(10) }))
  const lines = [...evidenceLines(families, long, COLOURED, columns), ...matrixSummary(long, 1.5, COLOURED, columns)]
  expect(Math.max(...lines.map(line => widthOf(line)))).toBeLessThanOrEqual(columns)
})

test('the summary counts the results', () => {
  expect(matrixSummary(cellsOf(), 12.34, PLAIN, 80)).toEqual([
    '',
    '6 cells: 2 broken, 2 resisted, 1 leaks, 1 with nothing to attack; 12.3 s',
    'every cell came out as claimed',
  ])
})

test('the summary says in red which cells came out other than claimed, with their evidence', () => {
  expect(matrixSummary(otherThanClaimed, 12.34, PLAIN, 80).slice(2)).toEqual([
    '2 came out other than claimed:',
    '  listening against dh: claimed resisted, came out broken: she␛[2J reads it',
    '  listening against aes: claimed resisted: no result: bob never came',
  ])
  expect(matrixSummary(otherThanClaimed, 12.34, COLOURED, 80).at(-1)).toContain(
    COLOURED.red('  listening against aes: claimed resisted: no result: bob never came'),
  )
})

test('in JSON a cell without a result is an error that names the cell', () => {
  expect(otherThanClaimed.slice(4).map(cellEvent)).toEqual([
    {
      event: 'cell',
      attack: 'listening',
      rung: 'dh',
      claimed: 'resisted',
      seconds: 1,
      result: 'broken',
      evidence: 'she\u001b[2J reads it',
    },
    {
      event: 'error',
      code: 'internal',
      message: 'bob never came',
      attack: 'listening',
      rung: 'aes',
      claimed: 'resisted',
      seconds: 1,
    },
  ])
})

test('a cell that missed its cue twice stands apart from those that refute a claim', () => {
  const error = new ChatError('timeout', 'bob gave no cue')
  const missed: PlayedCell = { attack: listening, rung: 'aes', claimed: 'resisted', seconds: 1, result: null, error }
  const played = [...cellsOf().slice(0, 5), missed]
  expect(played.flatMap(matrixTable(families, RUNGS, PLAIN).add)[2]).toMatch(/ resisted missed$/)
  expect(matrixSummary(played, 1, PLAIN, 100).slice(2)).toEqual([
    '1 missed a cue twice, which is no result; play it when the machine is idle:',
    '  listening against aes: claimed resisted: no result: the machine is busy: bob gave no cue',
  ])
  expect(cellEvent(missed)).toMatchObject({ event: 'error', code: 'timeout', attack: 'listening', rung: 'aes' })
})
