import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Family, Result } from '../attacks/attack.ts'
import { hanging } from '@p2p-secure-chat/dissector/reader/text-layout'
import { RUNGS } from '../rungs.ts'
import { blanksOf, evidenceOf, isOtherThanClaimed, type PlayedCell, resultWord } from '../attacks/cell.ts'

/** Cells of the longest name of a rung. */
const RUNG_CELLS = Math.max(...RUNGS.map(rung => rung.length))

const WORDS: readonly Result[] = ['broken', 'resisted', 'leaks']

/** One line of evidence for each cell, attack by attack; each reason why there is nothing to attack stands once. */
export function evidenceLines(
  families: readonly Family[],
  played: readonly PlayedCell[],
  colours: Colours,
  width: number,
): string[] {
  return families.flatMap(family =>
    family.attacks.flatMap(attack => {
      const row = played.filter(cell => cell.attack === attack)
      const blanks = blanksOf(
        attack,
        row.map(({ rung }) => rung),
      )
      return [
        '',
        colours.bold(attack.name),
        ...row.flatMap(cell => (cell.result === 'n/a' ? [] : cellLines(cell, colours, width))),
        ...[...blanks].flatMap(blank => blankLines(blank, width)).map(line => colours.dim(line)),
      ]
    }),
  )
}

function cellLines(cell: PlayedCell, colours: Colours, width: number): string[] {
  const mark = `${cell.rung.padEnd(RUNG_CELLS)}  ${resultWord(cell, colours)}  `
  return hanging(mark, printableLine(evidenceOf(cell)), 2, width)
}

function blankLines([reason, rungs]: readonly [string, readonly string[]], width: number): string[] {
  return hanging('-'.padEnd(RUNG_CELLS + 2), printableLine(`${rungs.join(', ')}: ${reason}`), 2, width)
}

/** How many cells there are of each kind, and which did not come out as we say. */
export function summaryLines(
  played: readonly PlayedCell[],
  seconds: number,
  colours: Colours,
  width: number,
): string[] {
  const counts = WORDS.map(word => `${played.filter(({ result }) => result === word).length} ${word}`)
  const blank = played.filter(({ result }) => result === 'n/a').length
  const size = `${played.length} cell${played.length === 1 ? '' : 's'}`
  const text = `${size}: ${counts.join(', ')}, ${blank} with nothing to attack; ${seconds.toFixed(1)} s`
  const total = hanging('', text, 0, width)
  const others = played.filter(isOtherThanClaimed)
  if (others.length === 0) return ['', ...total, colours.green('every cell came out as claimed')]
  const { red } = colours
  return [
    '',
    ...total,
    red.bold(`${others.length} came out other than claimed:`),
    ...others.flatMap(cell => {
      const { attack, rung, claimed, result } = cell
      const came = result === null ? '' : `, came out ${result}`
      const text = printableLine(`${attack.name} against ${rung}: claimed ${claimed}${came}: ${evidenceOf(cell)}`)
      return hanging('', text, 2, width).map(line => red(line))
    }),
  ]
}
