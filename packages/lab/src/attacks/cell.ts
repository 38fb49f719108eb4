import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { asChatError } from '@p2p-secure-chat/core/errors'
import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import type { ReportedEvent } from '@p2p-secure-chat/core/terminal/reporter'
import { type RungName, RUNGS } from '../rungs.ts'
import type { Attack, Result } from './attack.ts'
import { type Audience, playAttack } from './play-attack.ts'
import { missedCue } from '@p2p-secure-chat/stage/busy'

/** One attack on one rung. */
export interface Cell {
  readonly attack: Attack
  readonly rung: RungName
}

/** A cell that was played, and the result that we claim. */
interface ClaimedCell extends Cell {
  readonly claimed: Result | 'n/a'
  /** How long it took. */
  readonly seconds: number
}

/** A cell with a result. */
export interface CellWithResult extends ClaimedCell {
  readonly result: Result | 'n/a'
  /** One line of what was observed, or why there is nothing to play. */
  readonly evidence: string
}

/** A cell whose play failed to run as scripted: that is not a result, but a defect of ours or a busy machine. */
export interface FailedCell extends ClaimedCell {
  readonly result: null
  readonly error: unknown
}

export type PlayedCell = CellWithResult | FailedCell

/** The cells of a table: every attack against every rung. */
export function cellsOfAttack(attacks: readonly Attack[], rungs: readonly RungName[] = RUNGS): Cell[] {
  return attacks.flatMap(attack => rungs.map(rung => ({ attack, rung })))
}

/** Plays one cell. It never rejects. */
export async function playCell(cell: Cell, audience?: Audience): Promise<PlayedCell> {
  const claim = cell.attack.against[cell.rung]
  const start = performance.now()
  const claimed = () => ({ ...cell, claimed: claim.result, seconds: (performance.now() - start) / 1000 })
  if (claim.result === 'n/a') return { ...claimed(), result: 'n/a', evidence: claim.reason }
  try {
    const outcome = await playAttack(claim, audience)
    return { ...claimed(), ...outcome }
  } catch (error) {
    return { ...claimed(), result: null, error }
  }
}

/**
 * Plays one cell while nothing else is played, and once more where it missed a cue. It never rejects.
 *
 * @param audience who watches one play: asked for each
 * @param again called before the second one
 */
export async function playAlone(cell: Cell, audience: () => Audience, again: () => void): Promise<PlayedCell> {
  let plays = 0
  function play(): Promise<PlayedCell> {
    const { tell, tap } = audience()
    // A play that was given up may go on for a while, and is not listened to.
    const nth = (plays += 1)
    return playCell(cell, { tell: (...step) => void (nth === plays && tell(...step)), tap })
  }
  const played = await play()
  if (!isMissed(played)) return played
  again()
  return play()
}

/** Whether there is something to play. */
export const isPlayable = ({ attack, rung }: Cell): boolean => attack.against[rung].result !== 'n/a'

export const isAsClaimed = ({ claimed, result }: PlayedCell): boolean => result === claimed

/** Whether its play missed a cue: the machine may be busy, and that says nothing about the claim. */
export const isMissed = (played: PlayedCell): boolean => played.result === null && missedCue(played.error)

/** Whether it refutes what we claim, or its play went wrong. */
export const isOtherThanClaimed = (played: PlayedCell): boolean => !isAsClaimed(played) && !isMissed(played)

/** Why there is nothing to play on some of these rungs: each reason once, with those that it is about. */
export function blanksOf({ against }: Attack, rungs: readonly RungName[]): ReadonlyMap<string, readonly RungName[]> {
  const blanks = new Map<string, RungName[]>()
  for (const rung of rungs) {
    const claim = against[rung]
    if (claim.result === 'n/a') blanks.set(claim.reason, [...(blanks.get(claim.reason) ?? []), rung])
  }
  return blanks
}

/** One line about it for a person, not sanitised. */
export function evidenceOf(played: PlayedCell): string {
  if (played.result !== null) return played.evidence
  const why = played.error instanceof Error ? played.error.message : String(played.error)
  return `no result: ${isMissed(played) ? 'the machine is busy: ' : ''}${why}`
}

/**
 * The `--json` event of a cell: `cell` with the result, or, if a play has no result, an `error`
 * that names the cell.
 */
export function cellEvent(played: PlayedCell): ReportedEvent {
  const { attack, rung, claimed, seconds } = played
  const which = { attack: attack.name, rung, claimed, seconds: Number(seconds.toFixed(3)) }
  if (played.result === null) return { ...errorEvent(asChatError(played.error)), ...which }
  return { event: 'cell', ...which, result: played.result, evidence: played.evidence }
}

/** Cells of the longest word. */
export const RESULT_CELLS = 8

const COLOURS = { broken: 'red', resisted: 'green', leaks: 'yellow', 'n/a': 'dim' } as const

/** A result as one word of `RESULT_CELLS` cells; in capitals if it differs from the claim. */
export function resultWord(played: PlayedCell, colours: Colours): string {
  if (isMissed(played)) return colours.yellow('missed'.padEnd(RESULT_CELLS))
  const { claimed, result } = played
  const word = (result === 'n/a' ? '-' : (result ?? 'failed')).padEnd(RESULT_CELLS)
  if (result === null || result !== claimed) return colours.red.bold.inverse(word.toUpperCase())
  return colours[COLOURS[result]](word)
}
