import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { searchTime } from '../../src/crack/search.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the time begins with the first search, and a later one gets no time of its own', () => {
  const time = searchTime(1_000)
  vi.advanceTimersByTime(5_000)
  expect(time.signal.aborted).toBe(false)
  time.begin()
  vi.advanceTimersByTime(999)
  time.begin()
  expect(time.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(time.signal.aborted).toBe(true)
})

test('time that nobody waits for holds no program up', () => {
  const time = searchTime(1_000)
  time.begin()
  time.end()
  expect(vi.getTimerCount()).toBe(0)
})
