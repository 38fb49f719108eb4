import { expect, test } from 'vitest'
import { resisted } from '../../src/attacks/attack.ts'
import { parseFamily } from '../../src/attacks/attack-texts.ts'

const play = async () => resisted('nothing was heard')

const TEXT = `# What can be heard

## listening

- Title: Listening at the door
- Position: sniffer
- Goal: Hear it.
- Question: Will she hear it?

| rung | result | why there is nothing to attack |
| --- | --- | --- |
| calc | n/a | a calculator has no door |
| basic | broken | |
| textbook-dh | broken | |
| textbook-aes | leaks | |
| dh | resisted | |
| aes | resisted | |

Doors are
thin.

Walls are not.
`

const PLAYS = { listening: { basic: play, 'textbook-dh': play, 'textbook-aes': play, dh: play, aes: play } }

test('a text and its plays make an attack, with each paragraph of the lesson on one line', () => {
  const { title, attacks } = parseFamily('doors', TEXT, PLAYS)
  expect(title).toBe('What can be heard')
  expect(attacks).toEqual([
    {
      name: 'listening',
      title: 'Listening at the door',
      position: 'sniffer',
      goal: 'Hear it.',
      question: 'Will she hear it?',
      lesson: 'Doors are thin.\n\nWalls are not.',
      against: {
        calc: { result: 'n/a', reason: 'a calculator has no door' },
        basic: { result: 'broken', play },
        'textbook-dh': { result: 'broken', play },
        'textbook-aes': { result: 'leaks', play },
        dh: { result: 'resisted', play },
        aes: { result: 'resisted', play },
      },
    },
  ])
})

test.each([
  ['# What can be heard', 'What can be heard', 'attacks/doors.md: the file must begin with "# "'],
  ['## listening', '## hearing', 'attacks/doors.md, hearing: no attack of this family has that name'],
  ['- Goal: Hear it.\n', '', 'attacks/doors.md, listening: the line "- Goal: ..." is missing'],
  ['sniffer', 'neighbour', 'the position must be one of sniffer, man in the middle'],
  ['| rung | result |', '| rung | outcome |', 'the table "| rung | result |'],
  ['| aes | resisted | |\n', '', 'the result against aes must be broken, resisted, leaks or n/a'],
  ['| aes | resisted | |', '| aes | safe | |', 'the result against aes must be broken, resisted, leaks or n/a'],
  ['| aes | resisted | |', '| aes | n/a | it has no door |', 'there is a play against aes, so the claim cannot be n/a'],
  ['| a calculator has no door |', '| |', 'n/a against calc needs a reason in the third column'],
  ['| calc | n/a | a calculator has no door |', '| calc | broken | |', 'nothing is played against calc'],
  ['Doors are\nthin.\n\nWalls are not.\n', '', 'a lesson must follow the table'],
])('%j changed to %j is reported', (text, by, fault) => {
  expect(TEXT).toContain(text)
  expect(() => parseFamily('doors', TEXT.replace(text, by), PLAYS)).toThrow(fault)
})

test('an attack that is described twice, and one that is not described, are reported', () => {
  const twice = TEXT + TEXT.slice(TEXT.indexOf('## '))
  expect(() => parseFamily('doors', twice, PLAYS)).toThrow('attacks/doors.md: listening is described twice')
  expect(() => parseFamily('doors', TEXT, { ...PLAYS, peeping: { aes: play } })).toThrow(
    'attacks/doors.md: peeping has plays, but no section "## peeping"',
  )
})
