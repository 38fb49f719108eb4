import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import type { PlayedCell } from './cell.ts'

/** Cells of the longest word. */
export const RESULT_CELLS = 8

const COLOURS = { broken: 'red', resisted: 'green', leaks: 'yellow', 'n/a': 'dim' } as const

/** A result as one word of `RESULT_CELLS` cells; in capitals where it is another than we say. */
export function resultWord({ claimed, result }: PlayedCell, colours: Colours): string {
  const word = (result === 'n/a' ? '-' : (result ?? 'failed')).padEnd(RESULT_CELLS)
  if (result === null || result !== claimed) return colours.red.bold.inverse(word.toUpperCase())
  return colours[COLOURS[result]](word)
}
