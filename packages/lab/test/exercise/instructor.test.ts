import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ATTACKS } from '../../src/attacks/attacks.ts'
import { pointsOf } from '../../src/exercise/exercise.ts'
import { EXERCISES } from '../../src/exercise/exercises.ts'

const guide = readFileSync(new URL('../../../../docs/instructor.md', import.meta.url), 'utf8')

/** The cells of the table under a heading, row by row, without its head. */
function tableUnder(heading: string): string[][] {
  const [, section = ''] = guide.split(`\n## ${heading}\n`)
  const rows = section.split('\n## ')[0]?.match(/^\|.*\|$/gm) ?? []
  // The first table alone.
  const [head = ''] = rows
  const columns = head.split('|').length
  return rows
    .slice(2)
    .map(row => row.split('|'))
    .filter(cells => cells.length === columns)
    .map(cells => cells.slice(1, -1).map(cell => cell.trim()))
}

const namesIn = (cell = '') => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name)

const plan = tableUnder('Course plan').filter(([session = '']) => /^\d$/.test(session))
const planned = plan.flatMap(([, , , attacks]) => namesIn(attacks))

test('the course plan has every exercise in its session, in the order of the list', () => {
  expect(plan.flatMap(([session, , exercises]) => namesIn(exercises).map(name => [name, Number(session)]))).toEqual(
    EXERCISES.map(({ name, session }) => [name, session]),
  )
})

test('session, minutes and points of each exercise are those of the program', () => {
  expect(
    tableUnder('Exercises').map(([name, session, minutes, points]) => [
      ...namesIn(name),
      ...[session, minutes, points].map(Number),
    ]),
  ).toEqual(EXERCISES.map(known => [known.name, known.session, known.minutes, pointsOf(known)]))
})

test('each exercise has a question for the conversation', () => {
  const asked = [...guide.matchAll(/^- `([a-z-]+)`: .*\?/gm)].map(([, name]) => name)
  expect(asked).toEqual(EXERCISES.map(({ name }) => name))
})

test('every attack is played in one session, and every attack of the plan exists', () => {
  expect(planned.toSorted()).toEqual(ATTACKS.map(({ name }) => name).toSorted())
})
