import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { latest } from '../../src/log/log-command.ts'
import type { LogEntry } from '../../src/log/log-entry.ts'
import { logLine } from '../../src/log/log-lines.ts'

const at = new Date(2026, 0, 31, 9, 5, 7).toISOString()
const withBob = { at, peer: 'bob', fingerprint: 'f'.repeat(43) } as const
const message = (direction: 'in' | 'out', text: string): LogEntry => ({
  event: 'message',
  ...withBob,
  direction,
  id: '1',
  text,
})

test.each<[LogEntry, string | null]>([
  [{ event: 'open', ...withBob, identity: 'known' }, `* conversation with bob (known, ${withBob.fingerprint})`],
  [message('in', 'hello'), 'bob: hello'],
  [message('out', 'hello'), 'alice to bob: hello'],
  [{ event: 'closed', ...withBob, reason: 'bye', code: null }, '* conversation with bob ended (bye)'],
  [{ event: 'closed', ...withBob, reason: 'error', code: 'bad-record' }, '* conversation with bob ended (bad-record)'],
])('%j is the line %j', (entry, words) => {
  expect(logLine(entry, 'alice')).toBe(`2026-01-31 09:05:07 ${words}`)
})

test('a stop is no line', () => {
  expect(logLine({ event: 'stop', at }, 'alice')).toBeNull()
})

test('no text commands the terminal, or passes for a line of its own', () => {
  const line = logLine(message('in', '\x1b[2Jgone\n2026-01-31 09:05:07 alice to bob: I owe you\x00'), 'alice')
  expect(line).toBe('2026-01-31 09:05:07 bob: ␛[2Jgone\n  2026-01-31 09:05:07 alice to bob: I owe you␀')
})

test('the latest are the last ones, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 20 }), (things, count) => {
      const kept = latest<number>(count)
      for (const thing of things) kept.add(thing)
      expect(kept.all()).toEqual(things.slice(-count))
    }),
  )
})
