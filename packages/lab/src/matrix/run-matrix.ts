import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { eventLine } from '@p2p-secure-chat/core/terminal/json-line'
import { leaveOnSignals } from '@p2p-secure-chat/core/terminal/leave'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { progressLine } from '@p2p-secure-chat/core/terminal/progress-line'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { textWidth } from '@p2p-secure-chat/dissector/reader/text-layout'
import { atExit, leftBehind } from '@p2p-secure-chat/stage/leftovers'
import type { Attack, Family } from '../attacks/attack.ts'
import { attackByName, ATTACKS, FAMILIES } from '../attacks/attacks.ts'
import { type Cell, cellEvent, cellsOf, isOtherThanClaimed, isPlayable, type PlayedCell } from '../attacks/cell.ts'
import { rungByName, type RungName, RUNGS } from '../rungs.ts'
import { evidenceLines, matrixTable, summaryLines } from './matrix-report.ts'
import { playCells, type Watcher } from './play-cells.ts'

/** What the command line says, unchecked. */
export interface MatrixFlags {
  readonly json?: boolean
  readonly attack?: readonly string[]
  readonly rung?: readonly string[]
}

/** Shows the results of the cells. */
interface View extends Watcher {
  finish(played: readonly PlayedCell[], seconds: number): void
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
  const cells = cellsOf(attacks, rungs)
  quietPipe()
  leaveOnSignals()
  surviveStrayFailures(error => process.stderr.write(`note: a play that fails: ${printableLine(String(error))}\n`))

  const view = json ? jsonView() : personView(families, rungs, cells)
  const start = performance.now()
  const played = await playCells(cells, view)
  view.finish(played, (performance.now() - start) / 1000)
  const left = leftBehind()
  if (left > 0) process.stderr.write(`note: plays left ${left} things behind, which end now\n`)
  return played.some(isOtherThanClaimed) ? 1 : 0
}

/** The families with none but these attacks, in the order in which they are taught. */
function familiesOf(chosen: readonly Attack[]): Family[] {
  return FAMILIES.map(family => ({ ...family, attacks: family.attacks.filter(one => chosen.includes(one)) })).filter(
    ({ attacks }) => attacks.length > 0,
  )
}

function jsonView(): View {
  const tell = (event: Readonly<Record<string, unknown>>) => void process.stdout.write(eventLine(event))
  return {
    began: () => undefined,
    ended: played => tell(cellEvent(played)),
    finish(played, seconds) {
      const count = (wanted: PlayedCell['result']) => played.filter(({ result }) => result === wanted).length
      tell({
        event: 'summary',
        cells: played.length,
        broken: count('broken'),
        resisted: count('resisted'),
        leaks: count('leaks'),
        'n/a': count('n/a'),
        unclaimed: played.filter(isOtherThanClaimed).length,
        seconds: Number(seconds.toFixed(3)),
      })
    },
  }
}

/** Rows on stdout as they are done; on a terminal a line below them that says what is played. */
function personView(families: readonly Family[], rungs: readonly RungName[], cells: readonly Cell[]): View {
  const colours = colourFor(process.stdout)
  const table = matrixTable(families, rungs, colours)
  const width = textWidth(process.stdout.columns)
  const progress = progressLine(process.stderr)
  const isCleared = atExit(() => progress.clear())
  const playing = new Set<string>()
  const total = cells.filter(isPlayable).length
  const name = ({ attack, rung }: Cell) => `${attack.name} on ${rung}`
  let done = 0
  const print = (lines: readonly string[]) => void process.stdout.write(lines.map(line => `${line}\n`).join(''))
  const showProgress = () => progress.show(playsLine(done, total, [...playing], progress.room))

  print(table.heading)
  return {
    began(cell) {
      if (!isPlayable(cell)) return
      playing.add(name(cell))
      showProgress()
    },
    ended(played) {
      if (isPlayable(played)) done += 1
      playing.delete(name(played))
      progress.clear()
      print(table.add(played))
      showProgress()
    },
    finish(played, seconds) {
      progress.clear()
      isCleared()
      print([...evidenceLines(families, played, colours, width), ...summaryLines(played, seconds, colours, width)])
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
