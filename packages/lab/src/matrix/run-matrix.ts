import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { leaveOnSignals } from '@p2p-secure-chat/core/terminal/leave'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { progressLine } from '@p2p-secure-chat/core/terminal/progress-line'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { type ReportedEvent, reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { textWidth } from '@p2p-secure-chat/dissector/reader/text-layout'
import { atExit, leftBehind } from '@p2p-secure-chat/stage/leftovers'
import type { Attack, Family } from '../attacks/attack.ts'
import { attackByName, ATTACKS, FAMILIES } from '../attacks/attacks.ts'
import {
  type Cell,
  cellEvent,
  cellsOfAttack,
  isAsClaimed,
  isMissed,
  isOtherThanClaimed,
  isPlayable,
  type PlayedCell,
} from '../attacks/cell.ts'
import { rungByName, RUNGS } from '../rungs.ts'
import { evidenceLines, matrixTable, matrixSummary } from './matrix-report.ts'
import { playCells } from './play-cells.ts'

/** What the command line says, unchecked. */
export interface MatrixFlags {
  readonly json?: boolean
  readonly attack?: readonly string[]
  readonly rung?: readonly string[]
}

/**
 * Plays every attack against every rung, or the chosen ones, and shows the results.
 *
 * @returns the exit code: 0 only if each cell came out as claimed
 * @throws {ChatError} `usage` for an unknown name
 */
export async function runMatrix({ attack, rung, json = false }: MatrixFlags): Promise<number> {
  const families = familiesOf(attack?.map(attackByName) ?? ATTACKS)
  const named = rung?.map(rungByName) ?? RUNGS
  const rungs = RUNGS.filter(one => named.includes(one))
  const attacks = families.flatMap(family => family.attacks)
  const cells = cellsOfAttack(attacks, rungs)
  quietPipe()
  leaveOnSignals()
  const report = reporter({ json })
  surviveStrayFailures(error => report.note(`a play failed: ${printableLine(String(error))}`))

  const colours = colourFor(process.stdout)
  const width = textWidth(process.stdout.columns)
  const table = matrixTable(families, rungs, colours)
  const progress = json ? null : playProgress(cells.filter(isPlayable).length)
  report.print(...table.heading)
  const start = performance.now()
  const played = await playCells(cells, {
    began: cell => progress?.began(cell),
    missed(cell) {
      progress?.dropped(cell)
      const what = `${cell.attack.name} against ${cell.rung} missed a cue`
      report.note(`the machine is busy: ${what}; it is played again after the others`)
      progress?.show()
    },
    ended(cell) {
      progress?.ended(cell)
      report.event(cellEvent(cell), ...table.add(cell))
      progress?.show()
    },
  })
  progress?.end()
  const seconds = (performance.now() - start) / 1000
  report.event(
    summaryEvent(played, seconds),
    ...evidenceLines(families, played, colours, width),
    ...matrixSummary(played, seconds, colours, width),
  )
  const left = leftBehind()
  if (left > 0) report.note(`plays left ${left} things behind, which end now`)
  return played.every(isAsClaimed) ? 0 : 1
}

/** The families, each with only the chosen attacks. */
function familiesOf(chosen: readonly Attack[]): Family[] {
  return FAMILIES.map(family => ({ ...family, attacks: family.attacks.filter(one => chosen.includes(one)) })).filter(
    ({ attacks }) => attacks.length > 0,
  )
}

function summaryEvent(played: readonly PlayedCell[], seconds: number): ReportedEvent {
  const count = (wanted: PlayedCell['result']) => played.filter(({ result }) => result === wanted).length
  return {
    event: 'summary',
    cells: played.length,
    broken: count('broken'),
    resisted: count('resisted'),
    leaks: count('leaks'),
    'n/a': count('n/a'),
    unclaimed: played.filter(isOtherThanClaimed).length,
    missed: played.filter(isMissed).length,
    seconds: Number(seconds.toFixed(3)),
  }
}

/** On a terminal, a line below the table that names the plays under way. */
function playProgress(total: number) {
  const line = progressLine(process.stderr)
  const isCleared = atExit(() => line.clear())
  const playing = new Set<string>()
  const name = ({ attack, rung }: Cell) => `${attack.name} on ${rung}`
  let done = 0
  const show = () => line.show(playsLine(done, total, [...playing], line.room))

  function dropped(cell: Cell): void {
    playing.delete(name(cell))
    line.clear()
  }

  return {
    show,
    began(cell: Cell): void {
      if (!isPlayable(cell)) return
      playing.add(name(cell))
      show()
    },
    dropped,
    ended(cell: Cell): void {
      if (isPlayable(cell)) done += 1
      dropped(cell)
    },
    end(): void {
      line.clear()
      isCleared()
    },
  }
}

/**
 * How far it is and what is played meanwhile, on one line: as many as fit, and how many there are besides.
 *
 * @param playing the names of the plays under way
 * @param room how many characters fit
 */
export function playsLine(done: number, total: number, playing: readonly string[], room: number): string {
  const over = `  ${done} of ${total} plays are over`
  for (let named = playing.length; named > 0; named--) {
    const more = playing.length - named
    const line = `${over}; now ${playing.slice(0, named).join(', ')}${more === 0 ? '' : ` and ${more} more`}`
    if (line.length <= room) return line
  }
  return over
}

/**
 * Lets the program go on when something fails for which nobody waits: in the handler of a socket, or in a promise that a
 * play gave up. The play misses its cue then, and so fails alone, while others are played.
 *
 * @param tell gets each error
 */
export function surviveStrayFailures(tell: (error: unknown) => void): void {
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
    // In the place of those who would end the program.
    process.removeAllListeners(event).on(event, tell)
  }
}
