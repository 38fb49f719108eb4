import { expect, test } from 'vitest'
import { completeWord } from '../src/terminal/complete-word.ts'

const NAMES = ['bob', 'bonnie', 'carol', 'ca']

test.each([
  ['the only match is completed and followed by a space', '/chat car', { insert: 'ol ', choices: ['carol'] }],
  ['several matches are completed as far as they agree', '/chat b', { insert: 'o', choices: ['bob', 'bonnie'] }],
  ['then they are to choose from', '/chat bo', { insert: '', choices: ['bob', 'bonnie'] }],
  ['a match that is the beginning of another one is no end', 'ca', { insert: '', choices: ['carol', 'ca'] }],
  ['an empty word offers everything', '/chat ', { insert: '', choices: NAMES }],
  ['no match, nothing', '/chat x', { insert: '', choices: [] }],
  ['only the last word counts', 'bob\tc', { insert: 'a', choices: ['carol', 'ca'] }],
])('%s', (_, before, completion) => {
  expect(completeWord(before, NAMES)).toEqual(completion)
})
