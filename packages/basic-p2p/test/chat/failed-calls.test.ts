import { ChatError } from '@p2p-secure-chat/core/errors'
import { expect, test } from 'vitest'
import { failedCalls } from '../../src/chat/failed-calls.ts'
import { fakeClock } from '../support/fake-clock.ts'

const garbage = new ChatError('wrong-protocol', 'what answers does not speak p2p-secure-chat')

test('three are told, the others are one number at the end of the minute, and then it begins anew', async () => {
  const pass = fakeClock()
  const told: string[] = []
  const fail = failedCalls(({ code, message }) => told.push(`${message} (${code})`))
  for (let i = 0; i < 1_000; i++) fail(garbage, '192.0.2.7')
  expect(told).toHaveLength(3)
  const first = 'no call from 192.0.2.7: what answers does not speak p2p-secure-chat (wrong-protocol)'
  expect(told[0]).toBe(first)
  await pass(59_999)
  expect(told).toHaveLength(3)
  await pass(1)
  expect(told.slice(3)).toEqual([`997 more in the last minute; the last one: ${first}`])
  fail(garbage, '192.0.2.7')
  expect(told).toHaveLength(5)
})

test('whom it is about, and what to do about it, stays with each of them', async () => {
  const pass = fakeClock()
  const told: ChatError[] = []
  const fail = failedCalls(error => told.push(error))
  const changed = new ChatError('key-changed', 'a call came with another key', { peer: 'bob', hint: '/forget bob' })
  for (let i = 0; i < 5; i++) fail(changed, '192.0.2.7')
  await pass(60_000)
  expect(told.map(({ peer, hint }) => [peer, hint])).toEqual(Array.from({ length: 4 }, () => ['bob', '/forget bob']))
})

test('a quiet minute says nothing', async () => {
  const pass = fakeClock()
  const told: string[] = []
  failedCalls(({ code }) => told.push(code))(garbage, '192.0.2.7')
  await pass(120_000)
  expect(told).toEqual(['wrong-protocol'])
})

test('a caller who leaves before the call is no news, however often', async () => {
  const pass = fakeClock()
  const told: string[] = []
  const fail = failedCalls(({ code }) => told.push(code))
  for (let i = 0; i < 10; i++)
    fail(new ChatError('cut', 'the other side left in the middle of the exchange'), '192.0.2.7')
  await pass(60_000)
  expect(told).toEqual([])
  fail(garbage, '192.0.2.7')
  expect(told).toEqual(['wrong-protocol'])
})
