import type { Attack, Result } from '../attacks/attack.ts'
import { playAttack } from '../attacks/play-attack.ts'
import { type RungName, RUNGS } from '../stage/rungs.ts'

/** One attack on one rung. */
export interface Cell {
  readonly attack: Attack
  readonly rung: RungName
}

/** What came of it. */
export interface PlayedCell extends Cell {
  readonly claimed: Result | 'n/a'
  /** Null where the play did not go as it must: that is no result, and a fault of ours. */
  readonly result: Result | 'n/a' | null
  /** One line of what was observed, why there is nothing to play, or what went wrong. */
  readonly evidence: string
}

/** The cells of a table: every attack against every rung. */
export function cellsOf(attacks: readonly Attack[], rungs: readonly RungName[] = RUNGS): Cell[] {
  return attacks.flatMap(attack => rungs.map(rung => ({ attack, rung })))
}

/** Plays one cell. It never rejects. */
export async function playCell(cell: Cell): Promise<PlayedCell> {
  const claimed = cell.attack.against[cell.rung]
  if (claimed.result === 'n/a') return { ...cell, claimed: 'n/a', result: 'n/a', evidence: claimed.reason }
  try {
    return { ...cell, claimed: claimed.result, ...(await playAttack(claimed)) }
  } catch (error) {
    const evidence = error instanceof Error ? error.message : String(error)
    return { ...cell, claimed: claimed.result, result: null, evidence }
  }
}
