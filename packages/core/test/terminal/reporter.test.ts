import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { reporter } from '../../src/terminal/reporter.ts'

let out: string[]
let err: string[]

beforeEach(() => {
  out = []
  err = []
  vi.spyOn(process.stdout, 'write').mockImplementation(text => out.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation(text => err.push(String(text)) > 0)
})
afterEach(() => vi.restoreAllMocks())

const LISTENING = { event: 'listening', port: 10_001 }

test('a person reads lines, in one write for each report', () => {
  const speak = reporter()
  speak.print('heading')
  speak.event(LISTENING, 'listening', 'on 10001')
  speak.result({ result: '20' }, '20')
  speak.event({ event: 'summary' })
  expect(out).toEqual(['heading\n', 'listening\non 10001\n', '20\n'])
})

test('a program reads an object for each event and each result, and nothing else', () => {
  const speak = reporter({ json: true })
  speak.print('heading')
  speak.event(LISTENING, 'listening on 10001')
  speak.result({ result: '20' }, '20')
  const [event, ...others] = out.map((line): unknown => JSON.parse(line))
  expect(event).toEqual({ v: 1, at: expect.stringMatching(/^\d{4}-.*Z$/), ...LISTENING })
  expect(others).toEqual([{ v: 1, result: '20' }])
})

test('an event that carries a time of its own keeps it', () => {
  reporter({ json: true }).event({ event: 'open', at: '2026-01-01T00:00:00.000Z' })
  expect(out[0]).toContain('"at":"2026-01-01T00:00:00.000Z"')
})

test('JSON cannot command the terminal on which it is read', () => {
  reporter({ json: true }).result({ text: '\x1b[2J\u202e' })
  expect(out).toEqual(['{"v":1,"text":"\\u001b[2J\\u202e"}\n'])
})

test.each([false, true])('a note goes to stderr (json: %s)', json => {
  reporter({ json }).note('nothing is kept')
  expect([out, err]).toEqual([[], ['note: nothing is kept\n']])
})

test('batched, the lines of one turn are one write', async () => {
  const speak = reporter({ batched: true })
  speak.print('1')
  speak.result({}, '2', '3')
  expect(out).toEqual([])
  await turn()
  speak.print('4')
  await turn()
  expect(out).toEqual(['1\n2\n3\n', '4\n'])
})

test('it waits only for a reader that is behind', async () => {
  const behind = vi.spyOn(process.stdout, 'writableNeedDrain', 'get').mockReturnValue(false)
  const speak = reporter()
  expect(speak.drained()).toBeUndefined()
  behind.mockReturnValue(true)
  const drained = speak.drained()
  process.stdout.emit('drain')
  await drained
})
