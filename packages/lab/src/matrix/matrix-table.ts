import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import type { Attack, Family } from '../attacks/attack.ts'
import type { RungName } from '../rungs.ts'
import { type PlayedCell, RESULT_CELLS, resultWord } from '../attacks/cell.ts'

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
