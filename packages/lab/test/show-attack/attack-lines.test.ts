import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { widthOf } from '@p2p-secure-chat/core/terminal/rows'
import { expect, test } from 'vitest'
import { FAMILIES } from '../../src/attacks/attacks.ts'
import {
  attackList,
  introduction,
  lessonLines,
  outcomeLines,
  rungHeading,
  stepLines,
} from '../../src/show-attack/attack-lines.ts'
import { RUNGS } from '../../src/rungs.ts'
import { madeUpAttack } from '../support/made-up-attack.ts'

const colours = colourFor({ isTTY: false })
const style = { colours, width: 60 }
const attack = madeUpAttack('listening')

test.each([
  ['resisted', 'You were right. It resisted: she is noticed, or gains'],
  ['leaks', 'You said leaks. It resisted: she is noticed, or gains'],
] as const)('a prediction of %s is answered', (predicted, answer) => {
  const cell = {
    attack,
    rung: 'aes',
    claimed: 'resisted',
    seconds: 1,
    result: 'resisted',
    evidence: 'bob refuses it',
  } as const
  expect(outcomeLines(cell, predicted, style)).toEqual([
    'resisted  bob refuses it',
    '',
    answer,
    'nothing and the conversation holds.',
  ])
  expect(outcomeLines(cell, null, style)).toEqual(['resisted  bob refuses it'])
})

test('what comes out other than claimed is said in red, and what has no result needs no verdict', () => {
  const cell = { attack, rung: 'aes', claimed: 'resisted', seconds: 1 } as const
  expect(outcomeLines({ ...cell, result: 'broken', evidence: 'bob believes it' }, null, style)).toEqual([
    'BROKEN    bob believes it',
    'This is not what we claim: resisted.',
  ])
  expect(outcomeLines({ ...cell, result: null, error: new Error('bob never came') }, 'broken', style)).toEqual([
    'FAILED    no result: bob never came',
    'This is not what we claim: resisted.',
  ])
})

test('the words of a step hang beside its number, and the terminal obeys none of it', () => {
  const words = 'She sends \u001b[2J and then she waits for what will come of it.'
  const shown = { label: 'a \u001b[31mlabel', bytes: Buffer.from('hi'), marks: [{ from: 0, to: 1, meaning: '\u0007' }] }
  expect(stepLines(12, words, [shown], style)).toEqual([
    '12. She sends ␛[2J and then she waits for what will come of',
    '    it.',
    '',
    '    a ␛[31mlabel (2 bytes)',
    '    0000: 68 69                                            hi',
    '          ^^                                               ^',
    '    ',
    '          ^^ ␇ (byte 0: 0000)',
    '',
  ])
})

test('all that is told of all attacks fits in 80 columns', () => {
  const narrow = { colours: colourFor({ isTTY: true }, { TERM: 'xterm' }, []), width: 80 }
  const lines = [
    ...attackList(FAMILIES, narrow),
    ...RUNGS.flatMap(rung => rungHeading(rung, narrow)),
    ...FAMILIES.flatMap(({ attacks }) =>
      attacks.flatMap(one => [...introduction(one, RUNGS, narrow), ...lessonLines(one, narrow)]),
    ),
  ]
  expect(Math.max(...lines.map(line => widthOf(line)))).toBeLessThanOrEqual(80)
})
