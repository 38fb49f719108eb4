import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChatEvent } from '../../src/chat/chat-event.ts'
import { describeEvent } from '../../src/screen/describe-event.ts'

type Opened = Extract<ChatEvent, { event: 'open' }>

const opened: Opened = {
  event: 'open',
  peer: 'bob',
  via: 'direct',
  confidential: true,
  integrity: true,
  identity: 'verified',
  fingerprint: 'fingerprint',
  safetyNumber: '12345 67890',
  notices: [],
}
const said = (event: ChatEvent) => describeEvent(event)?.text ?? null

test('the banner claims what the upgrade learnt, and never more', () => {
  const everything = fc.record({
    confidential: fc.boolean(),
    integrity: fc.boolean(),
    identity: fc.constantFrom<Opened['identity'][]>('none', 'new', 'known', 'verified'),
  })
  fc.assert(
    fc.property(everything, security => {
      const text = said({ ...opened, ...security }) ?? ''
      expect(text.includes('NOT PRIVATE')).toBe(!security.confidential)
      expect(text.includes('NOT AUTHENTIC')).toBe(!security.integrity)
      expect(text.includes('NOT PROVED')).toBe(security.identity === 'none')
      expect(text.includes('verified: you compared')).toBe(security.identity === 'verified')
      expect(text.includes('first contact')).toBe(security.identity === 'new')
    }),
  )
})

test('nothing of the peer or the directory reaches a terminal as it is', () => {
  const evil = '\u001b[2J\u202e\u0007'
  const events: ChatEvent[] = [
    { event: 'message', peer: evil, direction: 'in', id: '1', text: evil },
    { event: 'users', prefix: evil, users: [{ name: evil }], next: evil },
    { event: 'presence', name: evil, online: true },
    { event: 'call', peer: evil, direction: 'incoming', asks: true },
    { event: 'closed', peer: evil, reason: 'error', code: 'declined', message: evil },
    { event: 'error', code: 'declined', message: evil },
    { event: 'directory', state: 'refused', code: 'name-taken', message: evil },
    { event: 'directory', state: 'back', code: null, message: evil },
    { ...opened, peer: evil, notices: [evil] },
  ]
  // oxlint-disable-next-line no-control-regex
  for (const event of events) expect(said(event)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
})

test('a text is cut where it would fill a terminal, and only there', () => {
  const text = 'a\t'.repeat(8_193)
  const long: ChatEvent = { event: 'message', peer: 'bob', direction: 'in', id: '1', text }
  expect(describeEvent(long)?.text).toBe(`bob: ${text.slice(0, 16_384)}…`)
  expect(describeEvent(long, Infinity)?.text).toBe(`bob: ${text}`)
})

test('no text can pass for the line of somebody else', () => {
  expect(said({ event: 'message', peer: 'bob', direction: 'in', id: '1', text: 'hi\ncarol: hi\n' })).toBe(
    'bob: hi\n  carol: hi\n  ',
  )
})

test('what we say ourselves, and receipts, are for scripts', () => {
  expect(said({ event: 'message', peer: 'bob', direction: 'out', id: '1', text: 'hi' })).toBeNull()
  expect(said({ event: 'delivered', peer: 'bob', id: '1' })).toBeNull()
})

test('a page that is not the last says how to see the next', () => {
  const users = [{ name: 'alice' }, { name: 'bob' }]
  expect(said({ event: 'users', prefix: '', users, next: null })).toBe('alice  bob')
  expect(said({ event: 'users', prefix: '', users, next: 'bob' })).toBe('alice  bob\nthere are more: /who * bob')
  expect(said({ event: 'users', prefix: 'a', users, next: 'bob' })).toBe('alice  bob\nthere are more: /who a bob')
  expect(said({ event: 'users', prefix: '', users: [], next: null })).toBe('nobody')
})

test('an error says what to do about it', () => {
  expect(said({ event: 'error', code: 'name-taken', message: 'alice is in use' })).toBe(
    'error: alice is in use (name-taken)\n  choose another name with --name',
  )
})

test('an error may have better advice than its code', () => {
  expect(said({ event: 'error', code: 'no-directory', message: 'it is gone', hint: 'wait' })).toBe(
    'error: it is gone (no-directory)\n  wait',
  )
})

test('a directory that comes and goes is one line each, and says what goes on', () => {
  const change = { event: 'directory', code: 'no-directory', message: 'the directory said goodbye' } as const
  expect(said({ ...change, state: 'gone' })).toBe(
    'the directory is gone; open conversations go on; reconnecting (no-directory)',
  )
  expect(said({ ...change, state: 'back', code: null, message: null })).toBe('registered with the directory again')
  expect(said({ ...change, state: 'replaced', code: 'name-taken' })).toContain('\n  leave and start again')
})

test('the blocked are listed with their keys, where these are known', () => {
  expect(said({ event: 'blocked', peers: [] })).toBe('nobody is blocked')
  const peers = [
    { name: 'mallory', fingerprint: 'key' },
    { name: 'bob', fingerprint: null },
  ]
  expect(said({ event: 'blocked', peers })).toBe('mallory  key\nbob')
})

test('texts that were not delivered are listed, each in one short row', () => {
  const texts = ['two\nlines', 'x'.repeat(100), '\x1b[31mred'].map((text, index) => ({ id: `1-${index}`, text }))
  expect(
    said({ event: 'error', code: 'undelivered', message: 'bob did not acknowledge the last 3 texts', texts }),
  ).toBe(
    [
      'error: bob did not acknowledge the last 3 texts (undelivered)',
      '  not delivered: two␤lines',
      `  not delivered: ${'x'.repeat(60)}...`,
      '  not delivered: ␛[31mred',
      '  say it again once the peer is back',
    ].join('\n'),
  )
})

test('JSON lines hold nothing that a terminal could obey, and mean the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const line = jsonLine({ text })
      expect(JSON.parse(line)).toEqual({ text })
      expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{DI}\p{Zl}\p{Zp}]/u)
      expect(line.endsWith('}\n')).toBe(true)
    }),
  )
  expect(jsonLine({ text: '\u009b\u202e\u2028\u200d\u{e0041}' })).toBe(
    '{"text":"\\u009b\\u202e\\u2028\\u200d\\udb40\\udc41"}\n',
  )
  expect(jsonLine({ text: 'a\u034f\u3164\u2800葛\u{e0100}❤\ufe0f' })).toBe(
    '{"text":"a\\u034f\\u3164\\u2800葛\\udb40\\udd00❤\\ufe0f"}\n',
  )
  expect(jsonLine({ text: '👋 é שלום' })).toBe('{"text":"👋 é שלום"}\n')
})
