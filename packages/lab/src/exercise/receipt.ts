import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { replaceFile } from '@p2p-secure-chat/core/files/replace-file'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import * as v from 'valibot'
import { readText, seedSchema } from './exercise-folder.ts'
import { earned, grade, type Score, type Submission } from './grade.ts'
import { exerciseNamed } from './exercises.ts'
import { type Exercise, pointsOf } from './exercise.ts'

export const RECEIPT_FILE = 'receipt.json'

/** Longest receipt, in bytes: a script of 64 KiB in JSON, and answers. */
const LARGEST_RECEIPT = 512 * 1024

/** Longest version of a program, in characters: those of semantic versioning are shorter. */
const LONGEST_VERSION = 40

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

const receiptSchema = v.object({
  v: v.literal(1),
  exercise: v.string(),
  /** Of the program that checked. */
  version: v.pipe(v.string(), v.maxLength(LONGEST_VERSION)),
  time: v.string(),
  seed: seedSchema,
  answers: v.record(v.string(), v.string()),
  script: v.nullable(v.object({ sha256: v.string(), text: v.string() })),
  parts: v.array(v.object({ part: v.string(), points: count, earned: count })),
  earned: count,
  points: count,
})

/** A submission and its score: all it takes to grade it again. */
export type Receipt = v.InferOutput<typeof receiptSchema>

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** @param version of this program @param time ISO 8601 */
export function receiptOf(
  exercise: Exercise,
  { seed, answers, script }: Submission,
  scores: readonly Score[],
  { version, time }: Pick<Receipt, 'version' | 'time'>,
): Receipt {
  return {
    v: 1,
    exercise: exercise.name,
    version,
    time,
    seed,
    answers,
    script: script === null ? null : { sha256: sha256(script), text: script },
    parts: scores.map(({ part, points, earned }) => ({ part, points, earned })),
    earned: earned(scores),
    points: pointsOf(exercise),
  }
}

/** Writes it into the folder of the exercise, in the place of an older one. @throws {ChatError} `unwritable`, `disk-full` */
export function writeReceipt(folder: string, receipt: Receipt): Promise<void> {
  const text = `${JSON.stringify(receipt, null, 2)}\n`
  return replaceFile(join(folder, RECEIPT_FILE), () => Promise.resolve(Buffer.from(text)))
}

/** @throws {ChatError} `unreadable` for a file that is missing or is not a receipt */
export async function readReceipt(path: string): Promise<Receipt> {
  const text = await readText(path, LARGEST_RECEIPT)
  try {
    return v.parse(receiptSchema, JSON.parse(text))
  } catch (cause) {
    const hint = `${typedCommand('chat-lab', 'exercise check')} writes one into the folder of the exercise`
    throw new ChatError('unreadable', `${path} is not a valid receipt`, { cause, hint })
  }
}

/**
 * Grades a receipt from scratch: works the variant out from its seed, and runs its script.
 *
 * @param version of this program: another one may make other variants
 * @returns the scores, and why the receipt does not hold, in one line; null where it does
 * @throws {ChatError} `usage` for an exercise that does not exist
 * @throws the signal's reason after an abort
 */
export async function regrade(
  receipt: Receipt,
  version: string,
  signal: AbortSignal,
): Promise<{ scores: readonly Score[]; fault: string | null }> {
  const exercise = exerciseNamed(receipt.exercise)
  const { seed, answers, script } = receipt
  const scores = await grade(exercise, { seed, answers, script: script?.text ?? null }, signal)
  const fault = faultOf(receipt, scores, pointsOf(exercise))
  if (fault === null || receipt.version === version) return { scores, fault }
  return {
    scores,
    fault: `${fault}; it was checked by version ${printableLine(receipt.version, LONGEST_VERSION)}, this is ${version}`,
  }
}

function faultOf(
  { script, parts, earned: claimed, points }: Receipt,
  scores: readonly Score[],
  all: number,
): string | null {
  if (script !== null && sha256(script.text) !== script.sha256) return 'its script is not the one that was checked'
  const told = new Map(parts.map(({ part, earned }) => [part, earned]))
  const differing = scores.filter(score => told.get(score.part) !== score.earned).map(({ part }) => part)
  if (differing.length > 0) return `the scores differ in ${differing.join(', ')}`
  if (parts.length !== scores.length || claimed !== earned(scores) || points !== all) return 'its points do not add up'
  return null
}
