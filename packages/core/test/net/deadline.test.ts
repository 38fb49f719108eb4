import { once } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ChatError } from '../../src/errors.ts'
import { withDeadline } from '../../src/net/deadline.ts'
import { loopback } from '../support/loopback.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('work that is done in time gives its result, and leaves no timer', async () => {
  expect(await withDeadline(Promise.resolve('done'), 1_000, 'the answer')).toBe('done')
  expect(vi.getTimerCount()).toBe(0)
})

test('work that fails in time fails as it does, and leaves no timer', async () => {
  const error = new ChatError('cut', 'gone')
  await expect(withDeadline(Promise.reject(error), 1_000, 'the answer')).rejects.toBe(error)
  expect(vi.getTimerCount()).toBe(0)
})

test('work that is late is a timeout that says what did not come; its failure later on disturbs nobody', async () => {
  let fail: (error: Error) => void = () => {}
  const work = new Promise<never>((_, reject) => {
    fail = reject
  })
  const waiting = expect(withDeadline(work, 2_500, 'the hello')).rejects.toEqual(
    expect.objectContaining({ code: 'timeout', message: 'the hello did not come within 2.5 seconds' }),
  )
  await vi.advanceTimersByTimeAsync(2_500)
  await waiting
  fail(new Error('much later'))
  await vi.advanceTimersByTimeAsync(1)
})

test('what has arrived while this process was suspended is read before it is too late', async () => {
  vi.useRealTimers()
  const { alice, bob } = await loopback()
  const answer = withDeadline(once(alice, 'data'), 1, 'the answer')
  bob.write('hello')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  expect(`${(await answer)[0]}`).toBe('hello')
})
