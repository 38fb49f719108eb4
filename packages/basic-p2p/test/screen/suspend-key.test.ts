import { expect, test } from 'vitest'
import { suspendKey } from '../../src/screen/suspend-key.ts'

function atKey() {
  const clock = { time: 0 }
  const directory = { others: 2 }
  const told: string[] = []
  const press = suspendKey({
    others: () => directory.others,
    say: () => void told.push('again?'),
    suspend: () => void told.push('stopped'),
    now: () => clock.time,
  })
  return { clock, directory, told, press }
}

test('where others use the directory, the second press stops, if it comes within two seconds', () => {
  const { clock, told, press } = atKey()
  press()
  clock.time = 2_001
  press()
  clock.time += 2_000
  press()
  expect(told).toEqual(['again?', 'again?', 'stopped'])
  press()
  expect(told.at(-1)).toBe('again?')
})

test('where nobody else does, the first press stops', () => {
  const { directory, told, press } = atKey()
  directory.others = 0
  press()
  expect(told).toEqual(['stopped'])
})
