import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rateLimits, KEY_LIMIT } from '../../src/limits/rate-limits.ts'

/** Takes for a key at each of these times. */
function taken(rate: { burst: number; interval: number }, times: readonly number[]): boolean[] {
  let time = 0
  const { take } = rateLimits(rate, () => time)
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
  const { take } = rateLimits({ burst: 1, interval: 1_000 }, () => 0)
  expect(['alice', 'bob', 'alice'].map(take)).toEqual([true, true, false])
})

test('more can be charged than is there, and time makes up for it', () => {
  let time = 0
  const { left, charge } = rateLimits({ burst: 100, interval: 20 }, () => time)
  expect(left('mallory')).toBe(100)
  charge('mallory', 130)
  expect(left('mallory')).toBe(-30)
  time = 599
  expect(left('mallory')).toBeLessThan(0)
  time = 620
  expect(left('mallory')).toBe(1)
})

describe('with more keys than are remembered', () => {
  const keys = Array.from({ length: KEY_LIMIT + 100 }, (_, i) => `key ${i}`)
  let time = 0
  const start = (interval: number) => {
    time = 0
    return rateLimits({ burst: 2, interval }, () => time)
  }

  test('the latest keep what they have used, and nobody has a second burst by being forgotten', () => {
    const { take, left } = start(1e9)
    const taken = keys.map(take)
    expect(taken.filter(Boolean)).toHaveLength(KEY_LIMIT)
    expect(keys.slice(0, 100).map(left)).toEqual(Array(100).fill(0))
    expect(keys.slice(200, 300).map(left)).toEqual(Array(100).fill(1))
  })

  test('an account that began empty fills', () => {
    const { take } = start(1_000)
    keys.map(take)
    time = 1_000
    expect(take(keys.at(-1) ?? '')).toBe(true)
  })

  test('those that are full again can be forgotten for nothing', () => {
    const { take, left } = start(1_000)
    keys.slice(0, KEY_LIMIT).map(take)
    time = 1_000
    expect(left('alice')).toBe(2)
  })
})
