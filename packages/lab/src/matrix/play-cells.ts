import { type Cell, isMissed, isPlayable, playCell, type PlayedCell } from '../attacks/cell.ts'

/** Plays at once. Each starts two or three programs, and waits for them a good deal of its time. */
const PLAYS_AT_ONCE = 4

/** Plays besides those that spend nearly all their time in waiting for deadlines. */
const PATIENT_PLAYS_AT_ONCE = 6

/** Follows how the cells go on. */
export interface Watcher {
  began(cell: Cell): void
  /** A play missed a cue, and is played once more, alone, when all others are over. */
  missed(cell: Cell): void
  ended(played: PlayedCell): void
}

/**
 * Plays all cells, some at once, those that take long from the beginning. A play that misses a cue has a second chance
 * when nothing else keeps the machine busy.
 *
 * @returns the results in the order of the cells
 */
export async function playCells(cells: readonly Cell[], { began, missed, ended }: Watcher): Promise<PlayedCell[]> {
  const done = new Map<Cell, PlayedCell>()
  const again: Cell[] = []

  async function play(cell: Cell, isLast = false): Promise<void> {
    began(cell)
    const played = await playCell(cell)
    if (isMissed(played) && !isLast) {
      again.push(cell)
      return missed(cell)
    }
    done.set(cell, played)
    ended(played)
  }
  const playable = cells.filter(isPlayable)
  const patient = playable.filter(({ attack }) => attack.patient === true)
  const others = playable.filter(({ attack }) => attack.patient !== true)
  // They have nothing to wait for.
  for (const cell of cells.filter(cell => !isPlayable(cell))) await play(cell)
  await Promise.all([
    inLanes(PATIENT_PLAYS_AT_ONCE, patient, cell => play(cell)),
    inLanes(PLAYS_AT_ONCE, others, cell => play(cell)),
  ])
  for (const cell of again) await play(cell, true)
  return cells.flatMap(cell => done.get(cell) ?? [])
}

/** Works on that many items at once, each lane taking the next free one. */
async function inLanes<T>(lanes: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values()
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const item of waiting) await work(item)
    }),
  )
}
