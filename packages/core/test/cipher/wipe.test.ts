import { expect, test } from 'vitest'
import { wipe } from '../../src/cipher/wipe.ts'

test('every secret is zeros, and its surroundings are left alone', () => {
  const key = new Uint8Array(32).fill(5)
  const whole = Uint8Array.of(1, 2, 3, 4)
  wipe(key, whole.subarray(1, 3))
  expect(key).toEqual(new Uint8Array(32))
  expect(whole).toEqual(Uint8Array.of(1, 0, 0, 4))
})
