import { expect, test } from 'vitest'
import { findings } from '../../src/tour/findings.ts'
import type { Play } from '../../src/tour/play.ts'

const play = (crossed: string): Play => ({
  screens: [
    { who: 'alice', lines: [] },
    { who: 'bob', lines: [] },
  ],
  passed: [{ from: 'dialler', bytes: Buffer.from(crossed) }],
  texts: ['meet me at nine'],
  failures: [],
})

test('a text in the open is a fault on a rung that hides, and as it should be on one that does not', () => {
  expect(findings(play('...meet me at nine...'), false)).toEqual(['"meet me at nine" is legible on the path'])
  expect(findings(play('...meet me at nine...'), true)).toEqual([])
})

test('a hidden text is a fault on a rung that shows all, and as it should be on one that hides', () => {
  expect(findings(play('\x8f\x03'), true)).toEqual(['"meet me at nine" is not legible on the path'])
  expect(findings(play('\x8f\x03'), false)).toEqual([])
})

test('what the actors missed is a fault everywhere', () => {
  expect(findings({ ...play(''), failures: ['no answer'] }, false)).toEqual(['no answer'])
})
