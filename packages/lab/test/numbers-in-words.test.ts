import { expect, test } from 'vitest'
import { powerOfTwo, scientific } from '../src/numbers-in-words.ts'

test('a power of two and the number behind it agree in all digits that are shown', () => {
  for (let log2 = 10; log2 < 900; log2 += 0.937) {
    const [, exponent = '', number] = /^2\^([\d.]+) \((.*)\)$/.exec(powerOfTwo(log2)) ?? []
    expect((2 ** Number(exponent)).toExponential(1)).toBe(number)
    expect(Number(exponent)).toBeCloseTo(log2, 2)
  }
  expect(powerOfTwo(138)).toBe('2^138 (3.5e+41)')
  expect(scientific(-1)).toBe('5.0e-1')
})
