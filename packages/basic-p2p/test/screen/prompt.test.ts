import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { expect, test } from 'vitest'
import { type PromptState, promptFor, unread } from '../../src/screen/prompt.ts'

const none = colourFor({ isTTY: false })
const some = colourFor({ isTTY: true }, {}, [])
const RED = '\u001b[31m'
const GREEN = '\u001b[32m'
const YELLOW = '\u001b[33m'

const talking = (
  identity: 'none' | 'new' | 'known' | 'verified',
  more: Partial<PromptState> = {},
  safe = true,
): PromptState => ({
  name: 'alice',
  peer: 'bob',
  security: { confidential: safe, integrity: safe, identity },
  interrupted: false,
  calling: false,
  unread: new Map(),
  ...more,
})

test.each([
  ['nobody', talking('known', { peer: null }), 'alice> ', ''],
  ['somebody who has not answered', talking('known', { security: null }), 'alice> ', ''],
  ['somebody who is being called', talking('known', { security: null, calling: true }), 'alice calling bob> ', ''],
  ['nothing protected', talking('none', {}, false), 'alice to bob (not protected)> ', RED],
  ['a verified key, but nothing protected', talking('verified', {}, false), 'alice to bob (not protected)> ', RED],
  [
    'a new key, and texts that can be altered',
    talking('new', { security: { confidential: true, integrity: false, identity: 'new' } }),
    'alice to bob (new, alterable)> ',
    RED,
  ],
  ['a new key', talking('new'), 'alice to bob (new)> ', YELLOW],
  ['a known key', talking('known'), 'alice to bob (known)> ', YELLOW],
  ['a verified key', talking('verified'), 'alice to bob (verified)> ', GREEN],
  ['a broken connection', talking('verified', { interrupted: true }), 'alice to bob (interrupted)> ', RED],
])('%s: the words say all, the colour says the same', (_, present, words, colour) => {
  expect(promptFor(present, none)).toBe(words)
  const coloured = promptFor(present, some)
  if (colour === '') expect(coloured).toBe(words)
  else expect(coloured.startsWith(`alice ${colour}to `)).toBe(true)
})

test('others who said something are counted, three of them by name', () => {
  const counts = new Map([
    ['carol', 2],
    ['mallory', 1],
  ])
  expect(promptFor(talking('known', { unread: counts }), none)).toBe('alice to bob (known) +2 carol +1 mallory> ')
  for (const peer of ['bob', 'bob2', 'bob3']) counts.set(peer, 5)
  expect(promptFor(talking('known', { unread: counts, peer: null }), none)).toBe(
    'alice +2 carol +1 mallory +5 bob +10 others> ',
  )
})

test('a text is unread until its conversation is looked at, or over', () => {
  const texts = unread()
  const say = (peer: string, direction: 'in' | 'out' = 'in') =>
    texts.follow({ event: 'message', peer, direction, id: '1', text: 'hi' }, 'bob')
  for (const peer of ['bob', 'carol', 'carol', 'mallory']) say(peer)
  say('carol', 'out')
  expect([[...texts.counts], texts.total]).toEqual([
    [
      ['carol', 2],
      ['mallory', 1],
    ],
    3,
  ])
  texts.read('carol')
  texts.follow({ event: 'closed', peer: 'mallory', reason: 'bye', code: null, message: null }, 'bob')
  expect(texts.total).toBe(0)
})
