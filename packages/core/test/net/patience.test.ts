import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { patience } from '../../src/net/patience.ts'
import { loopback } from '../support/loopback.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

async function pass(milliseconds: number): Promise<void> {
  vi.advanceTimersByTime(milliseconds)
  await nextTurn()
}

test.each([1, 999, 1_000, 12_345, 600_000])(
  'a wait of %i ms is over then, once, and not before',
  async milliseconds => {
    const onOver = vi.fn()
    patience().begin(milliseconds, onOver)
    await pass(milliseconds - 1)
    expect(onOver).not.toHaveBeenCalled()
    await pass(600_000)
    expect(onOver).toHaveBeenCalledTimes(1)
  },
)

test('the latest wait counts, and none after the end', async () => {
  const [first, second] = [vi.fn(), vi.fn()]
  const present = patience()
  present.begin(1_000, first)
  present.begin(2_000, second)
  await pass(3_000)
  expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([0, 1])
  present.begin(1_000, first)
  present.end()
  await pass(3_000)
  expect(first).not.toHaveBeenCalled()
})

test('a process that was stopped beyond the end of a wait has most of it left', async () => {
  const onOver = vi.fn()
  patience().begin(60_000, onOver)
  // When it goes on, each timer that there is has fired.
  vi.runOnlyPendingTimers()
  await nextTurn()
  expect(onOver).not.toHaveBeenCalled()
  await pass(58_999)
  expect(onOver).not.toHaveBeenCalled()
  await pass(1)
  expect(onOver).toHaveBeenCalledTimes(1)
})

test('what has arrived while the process was stopped is read before the last of a wait is over', async () => {
  vi.useRealTimers()
  const { alice, bob } = await loopback()
  const onOver = vi.fn()
  const present = patience()
  present.begin(1, onOver)
  alice.once('data', () => present.end())
  bob.write('hello')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  await once(alice, 'data')
  await nextTurn()
  expect(onOver).not.toHaveBeenCalled()
})
