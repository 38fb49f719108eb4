import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { patience } from '../src/net/patience.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test.each([1, 4_999, 5_000, 12_345, 600_000])('a wait of %i ms is over then, once, and not before', milliseconds => {
  const onOver = vi.fn()
  patience().begin(milliseconds, onOver)
  vi.advanceTimersByTime(milliseconds - 1)
  expect(onOver).not.toHaveBeenCalled()
  vi.advanceTimersByTime(600_000)
  expect(onOver).toHaveBeenCalledTimes(1)
})

test('the latest wait counts, and none after the end', () => {
  const [first, second] = [vi.fn(), vi.fn()]
  const present = patience()
  present.begin(1_000, first)
  present.begin(2_000, second)
  vi.advanceTimersByTime(3_000)
  expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([0, 1])
  present.begin(1_000, first)
  present.end()
  vi.advanceTimersByTime(3_000)
  expect(first).not.toHaveBeenCalled()
})

test('a process that was stopped beyond the end of a wait has most of it left', () => {
  const onOver = vi.fn()
  patience().begin(60_000, onOver)
  // When it goes on, each timer that there is has fired.
  vi.runOnlyPendingTimers()
  expect(onOver).not.toHaveBeenCalled()
  vi.advanceTimersByTime(54_999)
  expect(onOver).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(onOver).toHaveBeenCalledTimes(1)
})
