import { expect, test } from 'vitest'
import { completeWord } from '../../src/input/complete-word.ts'

const complete = (word: string, ...texts: string[]) => {
  const { remove, insert, labels } = completeWord({ word, choices: texts.map(text => ({ text, label: text.trim() })) })
  return [remove, insert, labels.join()]
}

test.each([
  ['the only choice, with the blank behind it', ['/q', '/quit '], ['', 'uit ', '/quit']],
  ['what all have in common, without a blank', ['b', 'bob ', 'bobby '], ['', 'ob', 'bob,bobby']],
  ['nothing where they part', ['bob', 'bob ', 'bobby '], ['', '', 'bob,bobby']],
  ['nothing without choices', ['x'], ['', '', '']],
  ['no half of a character', ['', '🙂', '🙃'], ['', '', '🙂,🙃']],
  [
    'the whole word where the only choice begins otherwise',
    ['od', '"odd\\nname"'],
    ['od', '"odd\\nname"', '"odd\\nname"'],
  ],
  ['no word that several would write anew', ['od', '"odd\\nname"', 'odds'], ['', '', '"odd\\nname",odds']],
])('%s', (_, [word = '', ...texts], completion) => {
  expect(complete(word, ...texts)).toEqual(completion)
})
