import { expect, test } from 'vitest'
import type { ChatEvent } from '../../src/chat/chat-event.ts'
import { ExitPolicy, type ExitPolicyOptions, MOST_NAMES } from '../../src/client/exit-policy.ts'

const call = (peer: string, asks: boolean): ChatEvent => ({ event: 'call', peer, direction: 'incoming', asks })
const closed = (peer: string, code: Extract<ChatEvent, { event: 'closed' }>['code'] = null): ChatEvent => ({
  event: 'closed',
  peer,
  reason: code === null ? 'bye' : 'error',
  code,
  message: null,
})
const open = (peer: string): ChatEvent => ({
  event: 'open',
  peer,
  via: 'direct',
  confidential: false,
  integrity: false,
  identity: 'none',
  fingerprint: null,
  safetyNumber: null,
  notices: [],
})

const begin = (options: Partial<ExitPolicyOptions> = {}) =>
  new ExitPolicy({ to: null, once: false, interactive: false, isTyping: () => false, ...options })

/** Lets one thing happen after the other, and says at which the client would leave. */
function play(present: ExitPolicy, ...events: ChatEvent[]): ChatEvent | null {
  for (const event of events) {
    present.follow(event)
    if (present.isLast(event)) return event
  }
  return null
}

test('a plain line goes to --to, before there is a conversation and until it ends', () => {
  const present = begin({ to: 'bob', interactive: true })
  expect(present.selected).toBe('bob')
  play(present, call('carol', false), open('carol'), open('bob'))
  expect(present.selected).toBe('bob')
  play(present, closed('bob'))
  expect(present.selected).toBeNull()
})

test('an automatically accepted call is selected only if nothing is', () => {
  const present = begin()
  play(present, call('bob', false), open('bob'), call('carol', false), open('carol'))
  expect(present.selected).toBe('bob')
})

test('to whom a line goes does not change while it is typed, but once the line is empty again', () => {
  let isTyping = false
  const present = begin({ interactive: true, isTyping: () => isTyping })
  play(present, call('bob', false), open('bob'))
  isTyping = true
  play(present, closed('bob'), call('carol', false), open('carol'))
  expect(present.selected).toBeNull()
  present.catchUp()
  expect(present.selected).toBeNull()
  isTyping = false
  // Nothing else may select it: the prompt does not show it yet.
  present.follow({ event: 'presence', name: 'mallory', online: true })
  expect(present.selected).toBeNull()
  present.catchUp()
  expect(present.selected).toBe('carol')
})

test.each([
  ['that is over by then', closed('carol')],
  ['with whom another one is preferred', null],
])('a call taken while a line was typed, %s, is not selected', (_, event) => {
  let isTyping = true
  const present = begin({ interactive: true, isTyping: () => isTyping })
  play(present, call('carol', false), open('carol'))
  if (event === null) present.selected = 'bob'
  else present.follow(event)
  isTyping = false
  present.catchUp()
  expect(present.selected).toBe(event === null ? 'bob' : null)
  play(present, closed('bob'))
  present.catchUp()
  expect(present.selected).toBeNull()
})

test('whoever was heard of has a name that a person may want to write', () => {
  const present = begin()
  play(present, call('bob', true), {
    event: 'users',
    prefix: '',
    users: [{ name: 'alice' }, { name: 'carol' }],
    next: null,
  })
  expect([...present.names]).toEqual(['bob', 'alice', 'carol'])
})

test('a call that a person is asked about, or that we place, selects nothing by itself', () => {
  const present = begin()
  play(present, call('bob', true), open('bob'), open('carol'))
  expect(present.selected).toBeNull()
})

test('the end of a conversation that is not selected selects nothing else', () => {
  const present = begin()
  play(present, call('bob', false), open('bob'), call('carol', false), open('carol'), closed('carol'))
  expect(present.selected).toBe('bob')
  play(present, closed('bob'))
  expect(present.selected).toBeNull()
})

test('--once ends with the first conversation, which a declined call is not', () => {
  expect(play(begin({ once: true }), call('bob', true), closed('bob', 'declined'))).toBeNull()
  expect(play(begin({ once: true }), open('bob'), closed('bob'))).toEqual(closed('bob'))
  expect(play(begin(), open('bob'), closed('bob'))).toBeNull()
})

test("without a person the end of --to's conversation is the end, also if it never began", () => {
  expect(play(begin({ to: 'bob' }), open('bob'), closed('bob'))).toEqual(closed('bob'))
  expect(play(begin({ to: 'bob' }), closed('bob', 'unknown-user'))).toEqual(closed('bob', 'unknown-user'))
  expect(play(begin({ to: 'bob' }), open('carol'), closed('carol'))).toBeNull()
  expect(play(begin({ to: 'bob', interactive: true }), open('bob'), closed('bob'))).toBeNull()
})

test.each([
  ['a goodbye', [open('bob'), closed('bob')], 0],
  ['a cut', [open('bob'), closed('bob', 'cut')], 1],
  ['a refusal', [closed('bob', 'declined')], 1],
  ['an absence', [closed('bob', 'unknown-user')], 1],
  ['no answer', [closed('bob', 'no-answer')], 1],
  ['a changed key', [closed('bob', 'key-changed')], 3],
  ['a rejected record', [open('bob'), closed('bob', 'bad-record')], 3],
  ['nothing at all', [], 1],
])("%s as the end of --to's conversation", (_, events, exitCode) => {
  const present = begin({ to: 'bob' })
  play(present, ...events)
  expect(present.exitCode(0)).toBe(exitCode)
})

test('what becomes of others does not decide the exit code; texts that nobody has do', () => {
  const present = begin()
  play(present, open('bob'), closed('bob', 'key-changed'))
  expect(present.exitCode(0)).toBe(0)
  expect(present.exitCode(1)).toBe(1)
})

test('security outweighs whatever comes later', () => {
  const present = begin({ to: 'bob' })
  play(present, open('bob'), closed('bob', 'bad-record'))
  present.fail('undelivered')
  expect(present.exitCode(3)).toBe(3)
})

test('names of those who were heard of last are kept, and no more', () => {
  const present = begin()
  for (let number = 0; number < 2 * MOST_NAMES; number++) present.follow(call(`stranger-${number}`, true))
  present.follow({ event: 'users', prefix: '', users: [{ name: 'stranger-1500' }, { name: 'bob' }], next: null })
  expect(present.names.size).toBe(MOST_NAMES)
  expect([...present.names].slice(-2)).toEqual(['stranger-1500', 'bob'])
})
