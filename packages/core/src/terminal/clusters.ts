import { eastAsianWidth } from 'get-east-asian-width'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** UTF-16 code units given to the segmenter at once: it copies all it was given at every step. */
const PIECE = 256

/** Drawn into the cell before, or not at all. */
const NO_CELL = /^[\p{Cc}\p{Mn}\p{Me}\p{DI}]/u

/** Drawn as a picture: by itself, or because a selector, a keycap or another half of a flag asks for it. */
const PICTURE = /\p{EPres}|\p{ExtPict}\ufe0f|\ufe0f?\u20e3/u

/** Each character is a cluster of one cell: ASCII, and what printable() shows in place of hidden characters. */
const ONE_CELL_EACH = /^[\x20-\x7e\u2400-\u2421\ufffd]*$/

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
  if (ONE_CELL_EACH.test(text)) return text.split('')
  return Array.from(graphemes.segment(text), ({ segment }) => segment)
}

/** Whether an index lies between the halves of a surrogate pair. */
function isInsidePair(text: string, index: number): boolean {
  return (text.codePointAt(index - 1) ?? 0) > 0xffff
}

/** The cluster that ends at an index of the text, and the one that begins there; '' for none. */
export function clustersAround(text: string, index: number): { before: string; after: string } {
  const around = graphemes.segment(text)
  return {
    before: index > 0 ? text.slice(around.containing(index - 1)?.index ?? 0, index) : '',
    after: around.containing(index)?.segment ?? '',
  }
}

/** How many cells of a terminal a cluster takes: 0, 1 or 2. */
export function cellsOf(cluster: string): number {
  if (ONE_CELL_EACH.test(cluster)) return cluster.length
  if (NO_CELL.test(cluster)) return 0
  return PICTURE.test(cluster) ? 2 : eastAsianWidth(cluster.codePointAt(0) ?? 0)
}
