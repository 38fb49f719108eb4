import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import { isMissed, type PlayedCell } from './cell.ts'

/** Cells of the longest word. */
export const RESULT_CELLS = 8

const COLOURS = { broken: 'red', resisted: 'green', leaks: 'yellow', 'n/a': 'dim' } as const

/** A result as one word of `RESULT_CELLS` cells; in capitals where it is another than we say. */
export function resultWord(played: PlayedCell, colours: Colours): string {
  if (isMissed(played)) return colours.yellow('missed'.padEnd(RESULT_CELLS))
  const { claimed, result } = played
  const word = (result === 'n/a' ? '-' : (result ?? 'failed')).padEnd(RESULT_CELLS)
  if (result === null || result !== claimed) return colours.red.bold.inverse(word.toUpperCase())
  return colours[COLOURS[result]](word)
}
