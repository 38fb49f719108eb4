import * as v from 'valibot'
import { randomBytes } from 'node:crypto'
import { access, type FileHandle, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { constants } from 'node:fs'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { makeFolder } from '@p2p-secure-chat/core/files/make-folder'
import { readDataFile } from '@p2p-secure-chat/core/installation'
import { readSmall } from '@p2p-secure-chat/core/files/read-small'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import { ANSWER_FILE, answerSheet, readAnswers, taskSheet } from './task-sheet.ts'
import type { Exercise } from './exercise.ts'
import { exerciseNamed } from './exercises.ts'
import type { Submission } from './grade.ts'
import { variantOf } from './variant.ts'

/** Where exercises lie by default. */
const EXERCISES_FOLDER = 'chat-lab-exercises'

/** Says what a folder is, and of which variant. */
const LABEL_FILE = 'exercise.json'

/** Longest file of a submission, in bytes. */
const LARGEST_FILE = 64 * 1024

/** Longest seed, in characters. */
export const LONGEST_SEED = 100

export const seedSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST_SEED))

const labelSchema = v.object({ v: v.literal(1), exercise: v.string(), seed: seedSchema })

/** What a folder is: which exercise, in which variant. */
export type FolderLabel = v.InferOutput<typeof labelSchema>

/** The folder of an exercise, unless another one is named. */
export const folderOf = (name: string): string => join(EXERCISES_FOLDER, name)

/** Whether there is something of that name. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * Makes the folder of an exercise, in the variant of a seed.
 *
 * @throws {ChatError} `unwritable` also where something is there already, `disk-full`
 */
export async function makeExercise(exercise: Exercise, seed: string, folder: string): Promise<void> {
  const { name, script, parts } = exercise
  const prepared = await exercise.prepare(variantOf(name, seed))
  const label: FolderLabel = { v: 1, exercise: name, seed }
  const files: Record<string, string | Uint8Array> = {
    ...prepared.files,
    'TASK.md': taskSheet(exercise, prepared),
    ...(parts.some(({ form }) => form !== null) ? { [ANSWER_FILE]: answerSheet(parts) } : {}),
    ...(script === null ? {} : { [script]: readDataFile('starters', script) }),
    [LABEL_FILE]: `${JSON.stringify(label, null, 2)}\n`,
  }
  await makeFolder(dirname(folder))
  if (await exists(folder)) throw isThere(folder, name)
  // A partial folder would look like a whole one: it gets its name when it is complete.
  const draft = join(dirname(folder), `.exercise-${randomBytes(4).toString('hex')}`)
  try {
    await attempt('unwritable', folder, () => mkdir(draft))
    for (const [file, content] of Object.entries(files)) {
      await attempt('unwritable', join(folder, file), () => writeFile(join(draft, file), content, { flag: 'wx' }))
    }
    await attempt('unwritable', folder, () => rename(draft, folder))
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    const taken = error instanceof ChatError && TAKEN.has(systemCode(error.cause))
    throw taken ? isThere(folder, name, error) : error
  }
}

/** What the system says when there is something of that name by now. */
const TAKEN: ReadonlySet<string | null> = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR'])

function isThere(folder: string, name: string, cause?: ChatError): ChatError {
  const restart = typedCommand('chat-lab', `exercise reset ${name}`)
  const hint = `continue there, choose another folder with --folder, or restart: ${restart}`
  return new ChatError('unwritable', `${folder} already exists`, { cause, hint })
}

/** @throws {ChatError} `unreadable` where it is no folder that makeExercise made */
export async function readLabel(folder: string): Promise<FolderLabel> {
  try {
    return v.parse(labelSchema, JSON.parse(await readText(join(folder, LABEL_FILE), LARGEST_FILE)))
  } catch (cause) {
    // No file, no JSON, or not that of a label: the same to the user.
    if (!(cause instanceof ChatError || cause instanceof SyntaxError || v.isValiError(cause))) throw cause
    const start = typedCommand('chat-lab', 'exercise start NAME')
    const hint = `${start} makes a folder for an exercise; --folder names one that lies elsewhere`
    throw new ChatError('unreadable', `${folder} is not the folder of an exercise`, { cause, hint })
  }
}

/**
 * Which exercise a folder is, and its seed.
 *
 * @param name the one it has to be; undefined where any will do
 * @throws {ChatError} `usage` if it is a different one, `unreadable`
 */
export async function openFolder(
  folder: string,
  name: string | undefined,
): Promise<{ readonly exercise: Exercise; readonly seed: string }> {
  const { exercise, seed } = await readLabel(folder)
  if (name !== undefined && name !== exercise) {
    throw new ChatError('usage', `${folder} is the folder of ${exercise}, not of ${name}`)
  }
  return { exercise: exerciseNamed(exercise), seed }
}

/** The work so far, and the keys in the answer file that are invalid. @throws {ChatError} `unreadable` */
export async function readSubmission(
  { script, parts }: Exercise,
  folder: string,
  seed: string,
): Promise<{ submission: Submission; unknown: readonly string[] }> {
  const { answers, unknown } = readAnswers((await handedIn(join(folder, ANSWER_FILE))) ?? '', parts)
  const text = script === null ? null : await handedIn(join(folder, script))
  return { submission: { seed, answers, script: text }, unknown }
}

/** Null for a missing file, which counts as not written yet. */
const handedIn = async (path: string): Promise<string | null> =>
  (await exists(path)) ? readText(path, LARGEST_FILE) : null

/**
 * Gives a folder another name, the first that is free.
 *
 * @param folder its whole path
 * @returns that of its new name
 * @throws {ChatError} `unwritable`
 */
export async function keepAside(folder: string): Promise<string> {
  let kept = 1
  while (await exists(`${folder}.kept-${kept}`)) kept += 1
  const aside = `${folder}.kept-${kept}`
  await attempt('unwritable', aside, () => rename(folder, aside))
  return aside
}

/** A link is not followed: it may lead to a file that its author could not read. A pipe is not waited for. */
const PLAINLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Reads an untrusted file as text.
 *
 * @param limit in bytes
 * @throws {ChatError} `unreadable`, also for one that is larger, and for a link, a pipe or a folder
 */
export function readText(path: string, limit: number): Promise<string> {
  return attempt('unreadable', path, async () => {
    const file = await openPlainFile(path)
    const bytes = await readSmall(file.createReadStream(), limit)
    if (bytes.length > limit) throw new ChatError('unreadable', `${path} has more than ${limit / 1024} KiB`)
    return bytes.toString()
  })
}

async function openPlainFile(path: string): Promise<FileHandle> {
  const refusal = new ChatError('unreadable', `${path} is not a plain file`, {
    hint: 'put a file in its place: links are not followed',
  })
  const file = await open(path, PLAINLY).catch((error: unknown) => {
    throw systemCode(error) === 'ELOOP' ? refusal : error
  })
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw refusal
}
