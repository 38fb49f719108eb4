import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { hanging } from '@p2p-secure-chat/dissector/reader/text-layout'
import type { Attack, Family, Result } from '../attacks/attack.ts'
import {
  blanksOf,
  evidenceOf,
  isAsClaimed,
  isMissed,
  isOtherThanClaimed,
  type PlayedCell,
  RESULT_CELLS,
  resultWord,
} from '../attacks/cell.ts'
import { type RungName, RUNGS } from '../rungs.ts'

/** A table that grows: attacks down, rungs across. */
export interface MatrixTable {
  /** The names of the rungs. */
  readonly heading: readonly string[]
  /** Takes what is done, in any order. @returns the rows that can be shown now, in the order of the table */
  add(played: PlayedCell): string[]
}

export function matrixTable(families: readonly Family[], rungs: readonly RungName[], colours: Colours): MatrixTable {
  const { bold, dim } = colours
  const attacks = families.flatMap(family => family.attacks)
  const nameCells = Math.max(...attacks.map(({ name }) => name.length)) + 3
  const rows = new Map(attacks.map(attack => [attack, new Map<RungName, PlayedCell>()] as const))
  let next = 0

  const line = (name: string, words: readonly string[]) => (name.padEnd(nameCells) + words.join(' ')).trimEnd()

  function row(attack: Attack): string[] {
    const cells = rows.get(attack)
    const family = families.find(({ attacks: [first] }) => first === attack)
    const words = rungs.flatMap(rung => {
      const played = cells?.get(rung)
      return played === undefined ? [] : [resultWord(played, colours)]
    })
    return [...(family === undefined ? [] : ['', bold(family.title)]), line(`  ${attack.name}`, words)]
  }

  const isWhole = (attack: Attack) => rows.get(attack)?.size === rungs.length

  return {
    heading: [0, 1]
      .map(part =>
        line(
          '',
          rungs.map(rung => (rung.split('-')[part] ?? '').padEnd(RESULT_CELLS)),
        ),
      )
      .filter(text => text !== '')
      .map(text => dim(text)),
    add(played) {
      rows.get(played.attack)?.set(played.rung, played)
      const lines: string[] = []
      for (let attack = attacks[next]; attack !== undefined && isWhole(attack); attack = attacks[next]) {
        lines.push(...row(attack))
        next += 1
      }
      return lines
    },
  }
}

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
export function matrixSummary(
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
  if (played.every(isAsClaimed)) return ['', ...total, colours.green('every cell came out as claimed')]
  const { red, yellow } = colours
  const list = (cells: readonly PlayedCell[], heading: string, look: (text: string) => string) =>
    cells.length === 0
      ? []
      : [look(heading), ...cells.flatMap(cell => differingLines(cell, width).map(line => look(line)))]
  const [others, missed] = [played.filter(isOtherThanClaimed), played.filter(isMissed)]
  return [
    '',
    ...total,
    ...list(others, `${others.length} came out other than claimed:`, red),
    ...list(
      missed,
      `${missed.length} missed a cue twice, which is no result; play ${missed.length === 1 ? 'it' : 'them'} when the machine is idle:`,
      yellow,
    ),
  ]
}

function differingLines(cell: PlayedCell, width: number): string[] {
  const { attack, rung, claimed, result } = cell
  const came = result === null ? '' : `, came out ${result}`
  const text = printableLine(`${attack.name} against ${rung}: claimed ${claimed}${came}: ${evidenceOf(cell)}`)
  return hanging('', text, 2, width)
}
