import { eastAsianWidth } from 'get-east-asian-width'
import { lazily } from '../lazily.ts'

const graphemes = lazily(() => new Intl.Segmenter(undefined, { granularity: 'grapheme' }))

/** UTF-16 code units given to the segmenter at once: it copies all it was given at every step. */
const PIECE = 256

/** Drawn into the cell before, or not at all. */
const NO_CELL = /^[\p{Cc}\p{Mn}\p{Me}\p{DI}]/u

/** Drawn as a picture: by itself, or because a selector, a keycap or another half of a flag asks for it. */
const PICTURE = /\p{EPres}|\p{ExtPict}\ufe0f|\ufe0f?\u20e3/u

/** What a terminal that joins nothing draws at once: one code point, and the selector that makes it a picture. */
export const DRAWN = /[^]\ufe0f?/gu

/** Wide there by some table: pictures, each half of a flag, and all of some blocks of pictographs and East Asian signs. */
const WIDE_ALONE =
  /^[\p{EPres}\p{RI}\u2e80-\u303e\u3040-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f000}-\u{1faff}\u{1fc00}-\u{1fffd}\u{20000}-\u{3fffd}]|\ufe0f$/u

/**
 * Takes no cell there by any table: invisible characters and the marks of Unicode 5.0. Younger ones, and the vowels and final
 * consonants of Hangul, take one where nothing joins them.
 */
const noCellAlone = lazily(
  () =>
    new RegExp(
      `^(?:[\\p{Cc}[\\p{DI}--[\\u061c\\u180e\\u180f]]]|[[\\p{Mn}\\p{Me}]&&[${[
        '\\u0300-\\u036f\\u0483-\\u0486\\u0591-\\u05c7\\u064b-\\u065e\\u0670\\u06d6-\\u06ed',
        '\\u0901-\\u0902\\u093c\\u0941-\\u094d\\u0981-\\u09cd\\u0a01-\\u0a4d\\u0a81-\\u0acd\\u0b01-\\u0b43\\u0b4d\\u0b82-\\u0bcd',
        '\\u0c3e-\\u0c56\\u0cbc-\\u0ccd\\u0d41-\\u0d43\\u0d4d\\u0dca-\\u0dd6\\u0e31-\\u0e4e\\u0eb1-\\u0eb9\\u0ebb-\\u0ecd',
        '\\u0f71-\\u0f87\\u0f90-\\u0fbc\\u102d-\\u1032\\u1036-\\u1039\\u17b7-\\u17d3\\u20d0-\\u20ef',
      ].join('')}]])`,
      'v',
    ),
)

/** Languages whose terminals commonly draw characters of ambiguous width (Unicode Standard Annex 11) in two cells. */
const EAST_ASIAN = /^(?:ja|ko|zh)(?![a-z])/i

/** Cells of a character of ambiguous width, by the locale of the environment (POSIX.1-2017, section 8.2). */
export function ambiguousCells(env: Readonly<Record<string, string | undefined>>): 1 | 2 {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return EAST_ASIAN.test(locale) ? 2 : 1
}

const AMBIGUOUS_CELLS = ambiguousCells(process.env)

/** Each character is a cluster: ASCII, and what printable() shows in place of controls. */
const ONE_EACH = /^[\x20-\x7e\u2400-\u2424\ufffd]*$/

const ASCII = /^[\x20-\x7e]*$/

/**
 * What people see as one character (an extended grapheme cluster of Unicode Standard Annex 29), one after the other. It
 * takes time in proportion to the text.
 */
export function* clusters(text: string): Generator<string, void, undefined> {
  let held = ''
  for (let start = 0; start < text.length; ) {
    const end = start + PIECE
    const cut = isInsidePair(text, end) ? end - 1 : end
    const found = segments(held + text.slice(start, cut))
    // More of the last one may follow.
    held = found.pop() ?? ''
    yield* found
    start = cut
  }
  if (held !== '') yield held
}

function segments(text: string): string[] {
  if (ONE_EACH.test(text)) return text.split('')
  return Array.from(graphemes().segment(text), ({ segment }) => segment)
}

/** Whether an index lies between the halves of a surrogate pair. */
function isInsidePair(text: string, index: number): boolean {
  return (text.codePointAt(index - 1) ?? 0) > 0xffff
}

/** The cluster that ends at an index of the text, and the one that begins there; '' for none. */
export function clustersAround(text: string, index: number): { before: string; after: string } {
  const around = graphemes().segment(text)
  return {
    before: index > 0 ? text.slice(around.containing(index - 1)?.index ?? 0, index) : '',
    after: around.containing(index)?.segment ?? '',
  }
}

/**
 * How many cells a cluster takes in a terminal that draws it as one character: 0, 1 or 2.
 *
 * @param ambiguous cells of a character of ambiguous width
 */
export function cellsOf(cluster: string, ambiguous = AMBIGUOUS_CELLS): number {
  if (ASCII.test(cluster)) return cluster.length
  if (NO_CELL.test(cluster)) return 0
  return PICTURE.test(cluster) ? 2 : widthOf(cluster, ambiguous)
}

/**
 * How many cells a cluster takes at most, which is where a terminal draws each of its code points by itself: eight for a
 * family of four, four for a flag, and one for a letter with an accent.
 *
 * @param ambiguous cells of a character of ambiguous width
 */
export function mostCellsOf(cluster: string, ambiguous = AMBIGUOUS_CELLS): number {
  if (ASCII.test(cluster)) return cluster.length
  let cells = 0
  for (const [drawn] of cluster.matchAll(DRAWN)) cells += cellsAlone(drawn, ambiguous)
  return cells
}

function cellsAlone(drawn: string, ambiguous: 1 | 2): number {
  if (WIDE_ALONE.test(drawn)) return 2
  if (noCellAlone().test(drawn)) return 0
  return NO_CELL.test(drawn) ? 1 : widthOf(drawn, ambiguous)
}

/** Cells of its first code point. */
function widthOf(text: string, ambiguous: 1 | 2): 1 | 2 {
  return eastAsianWidth(text.codePointAt(0) ?? 0, { ambiguousAsWide: ambiguous === 2 })
}
