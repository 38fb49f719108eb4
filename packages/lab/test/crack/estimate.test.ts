import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { expect, test } from 'vitest'
import {
  estimateFor,
  kangarooLog2,
  measuredRate,
  sieveLog2,
  sieveYearsLog2,
  yearsLog2,
} from '../../src/crack/estimate.ts'
import { toyGroupNamed } from '../../src/textbook/toy-exchange.ts'

test('the number field sieve takes L[1/3, (64/9)^(1/3)]', () => {
  // exp((64/9 ln p)^(1/3) (ln ln p)^(2/3)) written another way: c^3 goes under the root.
  for (const bits of [512, 1024, 2048, 3072]) {
    const ln = Math.log(2 ** 512) * (bits / 512)
    const work = Math.exp(Math.cbrt((64 / 9) * ln * Math.log(ln) ** 2))
    expect(sieveLog2(bits)).toBeCloseTo(Math.log2(work), 6)
  }
  // The values that textbooks give for it.
  expect(sieveLog2(1024)).toBeCloseTo(86.77, 2)
  expect(sieveLog2(2048)).toBeCloseTo(116.88, 2)
})

test('years of the sieve are those of the record for the record', () => {
  expect(2 ** sieveYearsLog2(795)).toBeCloseTo(3_100)
  expect(sieveYearsLog2(2048) - sieveYearsLog2(795)).toBeCloseTo(sieveLog2(2048) - sieveLog2(795))
})

test('kangaroos take twice the square root of what is not known of the exponent', () => {
  expect(2 ** kangarooLog2(41)).toBe(2 * Math.sqrt(2 ** 40))
  expect(kangarooLog2(225)).toBe(113)
})

test('a year has 31,557,600 seconds', () => {
  expect(2 ** yearsLog2(Math.log2(31_557_600) + 3, 1)).toBeCloseTo(8)
  expect(yearsLog2(60, 2 ** 20)).toBeCloseTo(yearsLog2(40, 1))
})

test('the rate is counted with numbers of full length, so that long ones are slow', () => {
  let time = 0
  const clock = () => (time += 25)
  expect(measuredRate(23n, clock)).toBe((8 * 64 * 1000) / 200)
  const [toy, real] = [measuredRate(toyGroupNamed('toy64').p), measuredRate(namedGroup('ffdhe8192').p)]
  expect(toy).toBeGreaterThan(20 * real)
})

test('a named group is estimated by its exponents and its prime, another one by its prime alone', () => {
  const known = estimateFor(namedGroup('ffdhe2048'), 0, () => 2 ** 20)
  expect(known).toMatchObject({ bits: 2048, exponentBits: 225, rate: 2 ** 20, kangaroo: { steps: 113 } })
  expect(known.kangaroo?.years).toBeCloseTo(113 - 20 - Math.log2(31_557_600))
  expect(known.sieve).toEqual({ operations: sieveLog2(2048), coreYears: sieveYearsLog2(2048) })
  expect(estimateFor(null, 2056, () => 1)).toMatchObject({ bits: 2056, exponentBits: null, kangaroo: null })
})
