import { expect, onTestFinished, test, vi } from 'vitest'
import { ChatError } from '../../src/errors.ts'
import { FULL_PATIENCE, retryWhileFull } from '../../src/net/retry.ts'

const full = new ChatError('too-many', 'no place')

/** Tries what fails so often first, at a clock of the test's own. */
async function tried(failures: number, patience?: number, error = full) {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  let attempts = 0
  const told: string[] = []
  const outcome = retryWhileFull(
    again => {
      expect(again).toBe(attempts > 0)
      attempts += 1
      vi.advanceTimersByTime(500)
      return attempts <= failures ? Promise.reject(error) : Promise.resolve('in')
    },
    { patience, onFull: ({ code }) => told.push(code) },
  )
  return { outcome: await outcome.catch((thrown: unknown) => thrown), attempts, told }
}

test('who gets in at once is told nothing', async () => {
  expect(await tried(0)).toEqual({ outcome: 'in', attempts: 1, told: [] })
})

test('who is turned away tries again, and hears it once', async () => {
  expect(await tried(3)).toEqual({ outcome: 'in', attempts: 4, told: ['too-many'] })
})

test('patience ends', async () => {
  const { outcome, attempts } = await tried(1_000, 2_000)
  expect(outcome).toBe(full)
  expect(attempts).toBe(5)
  expect((await tried(1_000, 0)).attempts).toBe(1)
  expect(FULL_PATIENCE).toBe(10_000)
})

test('any other failure is one at once', async () => {
  const cut = new ChatError('cut', 'the cable')
  expect(await tried(3, 10_000, cut)).toEqual({ outcome: cut, attempts: 1, told: [] })
})
