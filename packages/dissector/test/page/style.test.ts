import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Colour, contrast } from '../support/contrast.ts'

const folder = new URL('../../page/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')

const SCHEMES = ['light', 'dark'] as const

const colourOf = (hex: string): Colour => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
  return [red, green, blue]
}

/** Colours of page.css by name and scheme. */
function palette(): Map<string, Record<(typeof SCHEMES)[number], Colour>> {
  const colours = read('page.css').matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)
  return new Map(
    [...colours].map(([, name = '', light = '', dark = '']) => [
      name,
      { light: colourOf(light), dark: colourOf(dark) },
    ]),
  )
}

const INKS = ['text', 'muted', 'accent', 'open', 'sealed', 'opened', 'error', 'warning', 'note']
const PAPERS = ['bg', 'surface', 'raised']
const BANDS = Array.from({ length: 8 }, (_, band) => `band-${band}`)

test.each(SCHEMES)('every text can be read in %s (WCAG AA: 4.5 to 1)', scheme => {
  const colours = palette()
  const of = (name: string) => colours.get(name)?.[scheme] ?? expect.fail(`no colour ${name}`)
  expect(contrast([0, 0, 0], [1, 1, 1])).toBeCloseTo(21)
  for (const ink of INKS) {
    for (const paper of PAPERS) expect(contrast(of(ink), of(paper)), `${ink} on ${paper}`).toBeGreaterThanOrEqual(4.5)
  }
  for (const band of BANDS) expect(contrast(of('text'), of(band)), band).toBeGreaterThanOrEqual(4.5)
  expect(contrast(of('surface'), of('accent')), 'a pressed button').toBeGreaterThanOrEqual(4.5)
})

test('no script of the page parses text as markup, runs it, or asks the network', () => {
  const scripts = readdirSync(folder).filter(name => name.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(3)
  for (const name of scripts) {
    expect(read(name), name).not.toMatch(
      /innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|\beval\b|new Function|fetch|XMLHttp|WebSocket|import\(|\bsrc\b|\bhref\b/,
    )
  }
})
