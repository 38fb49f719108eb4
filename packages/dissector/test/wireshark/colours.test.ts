import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Colour, contrast, luminance } from '../support/contrast.ts'

const file = new URL('../../wireshark/profile/colorfilters', import.meta.url)

/** The rules of the profile, the first that fits a packet colours its row. */
const rules = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .filter(line => !line.startsWith('#'))
  .map(line => {
    const [, name = '', ground = '', ink = ''] = /^@([^@]+)@[^@]+@\[([\d,]+)\]\[([\d,]+)\]$/.exec(line) ?? []
    return { name, ground: colourOf(ground), ink: colourOf(ink) }
  })

function colourOf(numbers: string): Colour {
  const [red = 0, green = 0, blue = 0] = numbers.split(',').map(part => Number(part) / 65_535)
  return [red, green, blue]
}

test('every row of the packet list can be read (WCAG AA: 4.5 to 1)', () => {
  expect(rules.length).toBeGreaterThan(5)
  for (const { name, ground, ink } of rules) expect(contrast(ground, ink), name).toBeGreaterThanOrEqual(4.5)
})

test('a fault is the only row on a dark ground, and what carries the messages the only one in grey', () => {
  const dark = rules.filter(({ ground }) => luminance(ground) < 0.5)
  expect(dark.map(({ name }) => name)).toEqual(['P2PC: an attack or a fault'])
  const faint = rules.filter(({ ground, ink }) => contrast(ground, ink) < 6)
  expect(faint.map(({ name }) => name)).toEqual(['TCP: no message of P2PC'])
})
