import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import { ATTACKS } from '../attacks/attacks.ts'
import { RUNGS } from '../stage/rungs.ts'
import { type Cell, cellsOf, playCell, type PlayedCell } from './cell.ts'

/** Plays at once. Each starts two or three programs, and some spend their time waiting. */
const PLAYS_AT_ONCE = 4

export interface MatrixOptions {
  readonly json?: boolean
  readonly attack?: readonly string[]
  readonly rung?: readonly string[]
}

/** Plays the cells and shows what came of them; exit code 0 only if each came out as we say. */
export async function runMatrix({ attack, rung }: MatrixOptions): Promise<number> {
  const attacks = ATTACKS.filter(({ name }) => attack?.includes(name) ?? true)
  const rungs = RUNGS.filter(name => rung?.includes(name) ?? true)
  let failed = false
  for await (const played of playAll(cellsOf(attacks, rungs))) {
    const { attack, rung, claimed, result, evidence } = played
    if (result !== claimed) failed = true
    process.stdout.write(jsonLine({ v: 1, event: 'cell', attack: attack.name, rung, claimed, result, evidence }))
  }
  return failed ? 1 : 0
}

/** Plays some at once, and gives each as it is done. */
async function* playAll(cells: readonly Cell[]): AsyncGenerator<PlayedCell> {
  const waiting = [...cells]
  const playing = new Set<Promise<PlayedCell>>()
  while (waiting.length > 0 || playing.size > 0) {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const play = playCell(cell)
      playing.add(play)
      if (playing.size >= PLAYS_AT_ONCE) break
    }
    const [done, played] = await Promise.race([...playing].map(async play => [play, await play] as const))
    playing.delete(done)
    yield played
  }
}
