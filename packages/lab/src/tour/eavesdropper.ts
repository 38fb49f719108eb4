import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { SeenFrame } from '@p2p-secure-chat/dissector/dissect/observation'
import { eavesdropped } from '@p2p-secure-chat/dissector/reader/ladder'
import { isSealed } from '@p2p-secure-chat/dissector/reader/tally'
import { isLegible } from '@p2p-secure-chat/stage/legible'
import { type Crossed, dissectPassed } from '../attacks/recording.ts'
import type { TourPlay } from './play.ts'

/** One message as an eavesdropper sees it. */
export interface Seen {
  readonly from: Side
  /** Its type, its size in bytes, and what it says or what a sealed one gives away. */
  readonly line: string
}

/** What an eavesdropper on the path sees without any key, message by message. */
export function eavesdrop(passed: readonly Crossed[]): Seen[] {
  const seen: Seen[] = []
  dissectPassed(passed, observation => {
    if (observation.kind !== 'frame') return
    const { frame } = observation
    seen.push({ from: frame.from, line: lineOf(frame) })
  })
  return seen
}

function lineOf(frame: SeenFrame): string {
  const { name, summary, bytes } = frame
  const says = isSealed(frame) ? eavesdropped(frame) : summary.slice(name.length).trim()
  return printableLine(`${name} ${bytes.length - HEADER_BYTES} B${says === '' ? '' : `: ${says}`}`)
}

/**
 * What went wrong in a play: what its programs missed, and texts on the path that are legible and must not be, or are not
 * and should be.
 *
 * @param legible whether an eavesdropper on this rung reads the texts
 * @returns one line for each fault
 */
export function findings({ failures, passed, texts }: TourPlay, legible: boolean): string[] {
  const wrong = texts.filter(text => isLegible(passed, text) !== legible)
  return [...failures, ...wrong.map(text => `"${text}" ${legible ? 'is not legible' : 'is legible'} on the path`)]
}
