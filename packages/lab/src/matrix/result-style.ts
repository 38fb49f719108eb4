import type { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import type { PlayedCell } from './cell.ts'

export type Colours = ReturnType<typeof colourFor>

/** Cells of the longest word. */
export const RESULT_CELLS = 8

/** Cells of a line where the output is no terminal, and the least and most that are used of one. */
const WIDTH = { unknown: 100, least: 40, most: 110 }

/** @param columns of the terminal; undefined: there is none */
export function textWidth(columns: number | undefined): number {
  return Math.min(WIDTH.most, Math.max(WIDTH.least, columns ?? WIDTH.unknown))
}

const COLOURS = { broken: 'red', resisted: 'green', leaks: 'yellow', 'n/a': 'dim' } as const

/** A result as one word of `RESULT_CELLS` cells; in capitals where it is another than we say. */
export function resultWord({ claimed, result }: PlayedCell, colours: Colours): string {
  const word = (result === 'n/a' ? '-' : (result ?? 'failed')).padEnd(RESULT_CELLS)
  if (result === null || result !== claimed) return colours.red.bold.inverse(word.toUpperCase())
  return colours[COLOURS[result]](word)
}
