import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DIRECTORY_PAUSES } from '../../../basic-p2p/src/directory/reconnecting-directory.ts'
import { pauses } from '../../src/net/retry.ts'

const lowest = (low: number) => low
const highest = (_low: number, high: number) => high - 1

const take = (count: number, random?: (low: number, high: number) => number) => {
  const { next } = pauses(DIRECTORY_PAUSES, random)
  return Array.from({ length: count }, next)
}

test('grow from half a second to fifteen', () => {
  expect(take(6, highest)).toEqual([1_500, 4_500, 13_500, 15_000, 15_000, 15_000])
  expect(take(3, lowest)).toEqual([500, 500, 500])
})

test('begin anew after a reset', () => {
  const { next, reset } = pauses(DIRECTORY_PAUSES, highest)
  next()
  next()
  reset()
  expect(next()).toBe(1_500)
})

const { shortest, longest } = DIRECTORY_PAUSES

test('are whole numbers within their bounds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), count =>
      take(count).every(pause => Number.isInteger(pause) && shortest <= pause && pause <= longest),
    ),
  )
})

test('of two clients are not the same', () => {
  expect(take(8)).not.toEqual(take(8))
})
