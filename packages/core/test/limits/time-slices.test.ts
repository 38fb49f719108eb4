import { expect, onTestFinished, test, vi } from 'vitest'
import { timeSlices } from '../../src/limits/turns.ts'
import { turnsDuring, work } from '../support/turns.ts'

test('a reader with much to do leaves turns to others', async () => {
  async function read(): Promise<void> {
    const turn = timeSlices()
    for (let message = 0; message < 200; message++) {
      await turn()
      work()
    }
  }
  expect(await turnsDuring(read())).toBeGreaterThan(5)
})

test('several of them get their slices one after the other, with turns of others in between', async () => {
  const order: string[] = []
  async function read(name: string): Promise<void> {
    const turn = timeSlices()
    for (let message = 0; message < 100; message++) {
      await turn()
      work()
      order.push(name)
    }
  }
  expect(await turnsDuring(Promise.all(['a', 'b', 'c'].map(read)))).toBeGreaterThan(5)
  // None is far ahead of another.
  const half = order.slice(0, 150)
  for (const name of ['a', 'b', 'c']) expect(half).toContain(name)
  expect(order).toHaveLength(300)
})

test('a reader with little to do waits for nobody', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const turn = timeSlices()
  let later = false
  setImmediate(() => (later = true))
  for (let message = 0; message < 3; message++) await turn()
  expect(later).toBe(false)
})
