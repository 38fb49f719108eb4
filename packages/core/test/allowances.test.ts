import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { allowances } from '../src/net/allowances.ts'

/** Takes for a key at each of these times. */
function taken(rate: { burst: number; interval: number }, times: readonly number[]): boolean[] {
  let time = 0
  const { take } = allowances(rate, () => time)
  return times.map(next => {
    time = next
    return take('mallory')
  })
}

test('a burst passes, and then one for each interval', () => {
  expect(taken({ burst: 2, interval: 1_000 }, [0, 0, 0, 999, 1_000, 1_000, 2_000])).toEqual([
    true,
    true,
    false,
    false,
    true,
    false,
    true,
  ])
})

test('whoever asks in vain loses nothing by it', () => {
  expect(taken({ burst: 1, interval: 1_000 }, [0, 500, 900, 1_000]).at(-1)).toBe(true)
})

test('after a long rest there is one burst and no more', () => {
  expect(taken({ burst: 2, interval: 1_000 }, [0, 1e9, 1e9, 1e9])).toEqual([true, true, true, false])
})

test('a clock that steps back earns nothing', () => {
  expect(taken({ burst: 1, interval: 1_000 }, [5_000, 0, 4_000, 6_000])).toEqual([true, false, false, true])
})

test('never are there more than the burst and what time earned', () => {
  const rates = fc.record({ burst: fc.integer({ min: 1, max: 9 }), interval: fc.integer({ min: 1, max: 1_000 }) })
  fc.assert(
    fc.property(rates, fc.array(fc.nat(500), { maxLength: 60 }), (rate, steps) => {
      let time = 0
      const times = steps.map(step => (time += step))
      const passed = taken(rate, times).filter(Boolean).length
      return passed <= rate.burst + (time - (times[0] ?? 0)) / rate.interval
    }),
  )
})

test('each key has its own', () => {
  const { take } = allowances({ burst: 1, interval: 1_000 }, () => 0)
  expect(['alice', 'bob', 'alice'].map(take)).toEqual([true, true, false])
})

test('of ten thousand keys the latest are remembered, and the others are new again', () => {
  const { take } = allowances({ burst: 1, interval: 1e9 }, () => 0)
  const keys = Array.from({ length: 10_000 }, (_, i) => `key ${i}`)
  keys.forEach(take)
  expect(keys.slice(-4_096).some(take)).toBe(false)
  expect(take('key 0')).toBe(true)
})
