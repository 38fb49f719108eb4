import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import { type Exercise, pointsOf } from './exercise.ts'
import { earned, isComplete, type Mark } from './grade.ts'

/** What a check came to: a line for the whole, and one for each part. */
export function marksAsText(exercise: Exercise, marks: readonly Mark[]): string {
  const { green, red } = colourFor(process.stdout)
  const lines = marks.map(({ part, remark, earned, points }) => {
    const sign = remark === null ? green('✓') : red('✗')
    return `  ${sign} ${part.padEnd(10)} ${earned} of ${points}${remark === null ? '' : `  ${remark}`}\n`
  })
  return `${exercise.name}: ${earned(marks)} of ${pointsOf(exercise)} points\n${lines.join('')}`
}

/** The same as JSON: one object for each part, and one for the whole. */
export function marksAsJson(exercise: Exercise, marks: readonly Mark[], receipt: string): string {
  const { name } = exercise
  const whole = { earned: earned(marks), points: pointsOf(exercise), complete: isComplete(marks), receipt }
  return [
    ...marks.map(mark => jsonLine({ v: 1, event: 'part', exercise: name, ...mark })),
    jsonLine({ v: 1, event: 'checked', exercise: name, ...whole }),
  ].join('')
}
