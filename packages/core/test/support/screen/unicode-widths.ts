import type { IUnicodeVersionProvider } from '@xterm/headless'
import { eastAsianWidth } from 'get-east-asian-width'
import { cellWidth } from './cell-width.ts'

/** Bits of what xterm keeps of the character before: whether it joined the one before it, its cells, and more of ours. */
const JOINS = 1
const CELLS_SHIFT = 1
const CELLS_MASK = 3
const OPEN = 1 << 3

const SELECTOR = 0xfe0f
const JOINER = 0x200d

/** A rule by which a terminal gives characters their cells. */
interface Rule {
  readonly version: string
  readonly width: (codePoint: number) => 0 | 1 | 2
  /** Whether a selector makes a picture of two cells of what stands before it. */
  readonly widens?: boolean
  /** Whether skin tones, and what stands behind a joiner, are drawn into the cells before. */
  readonly joins?: boolean
}

function provider({ version, width, widens = false, joins = false }: Rule): IUnicodeVersionProvider {
  return {
    version,
    wcwidth: width,
    charProperties(codePoint, preceding) {
      const cells = width(codePoint)
      const before = (preceding >> CELLS_SHIFT) & CELLS_MASK
      const toned = codePoint >= 0x1f3fb && codePoint <= 0x1f3ff
      const joined = before > 0 && (cells === 0 || (joins && (toned || (preceding & OPEN) !== 0)))
      const taken = joined ? (widens && codePoint === SELECTOR ? 2 : before) : cells
      return (taken << CELLS_SHIFT) | (joined ? JOINS : 0) | (codePoint === JOINER ? OPEN : 0)
    },
  }
}

/** Counts every code point by itself, as terminals do that know nothing of clusters. */
export const widthsByCodePoint = provider({ version: 'present', width: cellWidth })

/** Draws an emoji of several code points as one. */
export const widthsByCluster = provider({ version: 'clusters', width: cellWidth, widens: true, joins: true })

/** Draws every code point by itself, halves of flags, jamo and what is ambiguous as wide as a terminal in East Asia may. */
export const widestWidths = provider({
  version: 'widest',
  width(codePoint) {
    if (/^[\u1160-\u11ff\ud7b0-\ud7ff]/.test(String.fromCodePoint(codePoint))) return 1
    if (codePoint >= 0x1f000 && codePoint <= 0x1faff) return 2
    return cellWidth(codePoint) === 0 ? 0 : eastAsianWidth(codePoint, { ambiguousAsWide: true })
  },
  widens: true,
})
