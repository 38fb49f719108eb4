import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { isBusy } from '@p2p-secure-chat/stage/busy'
import { makeTemporaryFolder } from '@p2p-secure-chat/stage/leftovers'
import type { StudentAnswers } from './task-sheet.ts'
import { type Exercise, LONGEST_ANSWER, type Part, type Prepared, type ShownFile } from './exercise.ts'
import { variantOf } from './variant.ts'

/** What a student hands in. */
export interface Submission {
  readonly seed: string
  readonly answers: StudentAnswers
  /** The text of the script; null where there is none. */
  readonly script: string | null
}

/** What one part is worth. */
export interface Score {
  readonly part: string
  readonly points: number
  readonly earned: number
  /** What is wrong or missing, without what would be right; null where it is right. */
  readonly remark: string | null
}

/** The machine on which a script runs, and the person who waits. */
export interface Machine {
  /** Whether a script that is late may be late because of other programs. */
  isBusy(): boolean
  note(text: string): void
}

const here: Machine = { isBusy, note: text => reporter().note(text) }

/**
 * Works the exercise out from the seed and compares the answers with it. What it says of a wrong answer
 * depends on that answer, and on the right one only in that it is another.
 *
 * @param signal stops it
 * @throws {ChatError} `timeout` when the script was late twice on a busy machine: it has no grade then
 * @throws the signal's reason after an abort
 */
export async function grade(
  exercise: Exercise,
  submission: Submission,
  signal: AbortSignal = new AbortController().signal,
  machine: Machine = here,
): Promise<Score[]> {
  const { seed, answers, script } = submission
  const prepared = await exercise.prepare(variantOf(exercise.name, seed))
  const shown = await tryScript(exercise, prepared, script, signal, machine)
  signal.throwIfAborted()
  return exercise.parts.map(part => {
    const { key, points } = part
    const remark = part.form === null ? (shown[key] ?? null) : remarkOn(part, answers[key], prepared)
    return { part: key, points, earned: remark === null ? points : 0, remark }
  })
}

function remarkOn({ key, form }: Part, answer: string | undefined, { solution }: Prepared): string | null {
  const expected = solution[key]
  if (form === null || expected === undefined) throw new TypeError(`${key} has no solution`)
  if (answer === undefined) return 'no answer yet'
  const canonical = answer.length > LONGEST_ANSWER ? null : form.canonical(answer)
  if (canonical === null) return `this is not ${form.what}`
  if (typeof expected === 'function') return expected(canonical)
  return canonical === expected ? null : 'not right'
}

/** Runs the script from a folder of its own, in which it is all there is. */
async function tryScript(
  exercise: Exercise,
  { tryScript }: Prepared,
  text: string | null,
  signal: AbortSignal,
  machine: Machine,
): Promise<ShownFile> {
  if (tryScript === undefined || exercise.script === null) return {}
  if (text === null) {
    const missing = `there is no ${exercise.script} yet`
    return Object.fromEntries(exercise.parts.map(({ key }) => [key, missing]))
  }
  const folder = makeTemporaryFolder('chat-lab-exercise-')
  try {
    const path = join(folder, exercise.script)
    await writeFile(path, text)
    for (const isLast of [false, true]) {
      let late = false
      const shown = await tryScript(path, { signal, onLate: () => (late = true) })
      // On a quiet machine it is the script that is slow.
      if (signal.aborted || !late || !machine.isBusy()) return shown
      if (!isLast) machine.note(`the machine is busy: ${exercise.script} was late, and is tried once more`)
    }
    throw new ChatError('timeout', `the machine is busy: ${exercise.script} was late twice`, {
      hint: 'nothing counts against the script: close other programs and check again',
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const earned = (scores: readonly Score[]): number => scores.reduce((sum, score) => sum + score.earned, 0)

export const isComplete = (scores: readonly Score[]): boolean => scores.every(({ remark }) => remark === null)
