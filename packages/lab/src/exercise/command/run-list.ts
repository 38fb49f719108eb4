import { join } from 'node:path'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { type Exercise, pointsOf } from '../exercise.ts'
import { exists, folderOf, readLabel } from '../exercise-folder.ts'
import { EXERCISES } from '../exercises.ts'
import { readReceipt, RECEIPT_FILE } from '../receipt.ts'

/** Columns of a name and of the progress, so that titles stand below each other: none is longer. */
const NAME_WIDTH = 20
const PROGRESS_WIDTH = 9

/** Not started, started, or the points of the last check. */
interface Progress {
  readonly state: 'new' | 'started' | 'checked'
  readonly earned: number | null
}

/** Shows all exercises and the progress in each. */
export async function runList({ json }: { readonly json?: boolean }): Promise<void> {
  quietPipe()
  const { event, print } = reporter({ json })
  let before = 0
  for (const exercise of EXERCISES) {
    const { name, title, session, minutes } = exercise
    const progress = await progressIn(folderOf(name))
    if (session !== before) print(...(before === 0 ? [] : ['']), `Session ${session}`)
    const fields = { name, title, session, minutes, points: pointsOf(exercise), ...progress }
    event({ event: 'exercise', ...fields }, lineOf(exercise, progress))
    before = session
  }
}

function lineOf(exercise: Exercise, { state, earned }: Progress): string {
  const points = pointsOf(exercise)
  const progress = earned === null ? state : `${earned} of ${points}`
  const begin = `${exercise.name.padEnd(NAME_WIDTH)} ${String(points).padStart(2)} points`
  return `  ${begin}  ${progress.padEnd(PROGRESS_WIDTH)} ${exercise.title}`
}

async function progressIn(folder: string): Promise<Progress> {
  try {
    const [receipt, { seed }] = await Promise.all([readReceipt(join(folder, RECEIPT_FILE)), readLabel(folder)])
    if (receipt.seed === seed) return { state: 'checked', earned: receipt.earned }
  } catch (error) {
    rethrowUnless(error)
  }
  return { state: (await exists(folder)) ? 'started' : 'new', earned: null }
}
