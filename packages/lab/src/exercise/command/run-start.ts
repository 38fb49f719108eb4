import { randomBytes } from 'node:crypto'
import { join, relative } from 'node:path'
import { absolutePath } from '@p2p-secure-chat/core/files/user-folder'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { folderOf, keepAside, LONGEST_SEED, makeExercise, openFolder } from '../exercise-folder.ts'
import { exerciseNamed } from '../exercises.ts'

/** Bytes of a random seed. */
const SEED_BYTES = 16

export interface StartFlags {
  readonly seed?: string
  readonly folder?: string
}

export interface ResetFlags extends StartFlags {
  readonly yes?: boolean
}

const say = (line: string) => void process.stdout.write(`${line}\n`)

function seedFrom(given: string | undefined): string {
  if (given === undefined) return randomBytes(SEED_BYTES).toString('hex')
  if (given.length <= LONGEST_SEED) return given
  throw new ChatError('usage', `--seed is a text of 1 to ${LONGEST_SEED} characters`)
}

/** Makes the folder of an exercise. @throws {ChatError} `usage`, `unwritable`, `disk-full` */
export async function runStart(name: string, { seed, folder = folderOf(name) }: StartFlags): Promise<void> {
  const exercise = exerciseNamed(name)
  await makeExercise(exercise, seedFrom(seed), folder)
  say(`${exercise.title}: the task is in ${printableLine(join(folder, 'TASK.md'))}`)
}

/** Makes it again, and keeps the old folder under another name. @throws {ChatError} `usage`, `unreadable`, `unwritable` */
export async function runReset(name: string, flags: ResetFlags): Promise<void> {
  const { folder = folderOf(name), yes = false } = flags
  // The folder may be the one in which we stand, and then it takes us along when it is moved.
  const path = absolutePath(folder)
  const exercise = exerciseNamed(name)
  const { seed: before } = await openFolder(folder, name)
  const seed = seedFrom(flags.seed ?? before)
  if (!yes && !(await wantsReset(folder))) return say('nothing has changed')
  const aside = relative('', await keepAside(path))
  await makeExercise(exercise, seed, path)
  const variant = seed === before ? 'the same variant' : 'another variant'
  say(`${printableLine(folder)} is new, in ${variant}; the old one is kept as ${printableLine(aside)}`)
}

async function wantsReset(folder: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new ChatError('usage', 'reset needs a terminal to ask for confirmation', {
      hint: 'pass --yes to reset without a question',
    })
  }
  const { askYesNo } = await import('@p2p-secure-chat/core/input/questions')
  return askYesNo(`Restart the exercise in ${printableLine(folder)}? The old folder is kept beside it.`, false)
}
