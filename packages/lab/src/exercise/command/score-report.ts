import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { eventLine } from '@p2p-secure-chat/core/terminal/json-line'
import { type Exercise, pointsOf } from '../exercise.ts'
import { earned, isComplete, type Score } from '../grade.ts'

/** Columns of a part's key, so that the points stand below each other: no key is longer. */
const KEY_WIDTH = 10

/** What a check came to: a line for the whole, and one for each part. */
export function scoresAsText(exercise: Exercise, scores: readonly Score[]): string {
  const { green, red } = colourFor(process.stdout)
  const lines = scores.map(({ part, remark, earned, points }) => {
    const sign = remark === null ? green('✓') : red('✗')
    return `  ${sign} ${part.padEnd(KEY_WIDTH)} ${earned} of ${points}${remark === null ? '' : `  ${remark}`}\n`
  })
  return `${exercise.name}: ${earned(scores)} of ${pointsOf(exercise)} points\n${lines.join('')}`
}

/** The same as JSON: one object for each part, and one for the whole. */
export function scoresAsJson(exercise: Exercise, scores: readonly Score[], receipt: string): string {
  const { name } = exercise
  const whole = { earned: earned(scores), points: pointsOf(exercise), complete: isComplete(scores), receipt }
  return [
    ...scores.map(score => eventLine({ event: 'part', exercise: name, ...score })),
    eventLine({ event: 'checked', exercise: name, ...whole }),
  ].join('')
}
