import { expect, test } from 'vitest'
import { commandsIn, marksOf, TRICKS } from '../../src/attacks/service/tricks.ts'

test.each(TRICKS.map(({ effect, text }) => [effect, text]))(
  'what %s is a command, or a line in the name of alice',
  (_, text) => {
    expect(commandsIn(Buffer.from(text))).not.toBeNull()
  },
)

test('marks say which bytes are commands, and which are only signs of them', () => {
  expect(marksOf('é\x1b[2J')).toEqual([
    { from: 0, to: 2, meaning: 'only a sign' },
    { from: 2, to: 3, meaning: 'a command' },
  ])
  expect(marksOf('␛␛[2J ok')).toEqual([{ from: 0, to: 6, meaning: 'only a sign' }])
  expect(marksOf('a\u202e\u2066b')).toEqual([{ from: 1, to: 7, meaning: 'a command' }])
  expect(marksOf('␛\x9b')).toEqual([
    { from: 0, to: 3, meaning: 'only a sign' },
    { from: 3, to: 5, meaning: 'a command' },
  ])
})
