import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { type Exercise, pointsOf } from './exercise.ts'
import { exists, folderOf, keepAside, LONGEST_SEED, makeExercise, readMark, readSubmission } from './exercise-folder.ts'
import { EXERCISES, exerciseNamed } from './exercises.ts'
import { earned, grade, isComplete, type Mark } from './grade.ts'
import { readReceipt, RECEIPT_FILE, receiptOf, regrade, writeReceipt } from './receipt.ts'
import { variantOf } from './variant.ts'

/** What ends a program in order. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Bytes of a seed that nobody chose. */
const SEED_BYTES = 16

export interface FolderFlags {
  readonly folder?: string
}

export interface StartFlags extends FolderFlags {
  readonly seed?: string
}

export interface CheckFlags extends StartFlags {
  readonly receipt?: string
  readonly json?: boolean
}

export interface ResetFlags extends StartFlags {
  readonly yes?: boolean
}

const say = (line: string) => void process.stdout.write(`${line}\n`)

/** Shows all exercises, and how far somebody is with each. */
export async function runList({ json = false }: { readonly json?: boolean }): Promise<void> {
  quietPipe()
  let session = 0
  for (const exercise of EXERCISES) {
    const { name, title, minutes } = exercise
    const points = pointsOf(exercise)
    const folder = folderOf(name)
    const reached = await reachedIn(folder)
    const state = reached !== null ? 'checked' : (await exists(folder)) ? 'started' : 'new'
    if (json) {
      process.stdout.write(
        jsonLine({
          v: 1,
          event: 'exercise',
          name,
          title,
          session: exercise.session,
          minutes,
          points,
          state,
          earned: reached,
        }),
      )
      continue
    }
    if (exercise.session !== session) say(`${session === 0 ? '' : '\n'}Session ${exercise.session}`)
    session = exercise.session
    const progress = reached === null ? state : `${reached} of ${points}`
    say(`  ${name.padEnd(20)} ${String(points).padStart(2)} points  ${progress.padEnd(9)} ${title}`)
  }
}

/** What the last check came to; null where there was none. */
async function reachedIn(folder: string): Promise<number | null> {
  try {
    const [receipt, { seed }] = await Promise.all([readReceipt(join(folder, RECEIPT_FILE)), readMark(folder)])
    return receipt.seed === seed ? receipt.earned : null
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    return null
  }
}

function seedFrom(given: string | undefined): string {
  if (given === undefined) return randomBytes(SEED_BYTES).toString('hex')
  if (given.length >= 1 && given.length <= LONGEST_SEED) return given
  throw new ChatError('usage', `--seed is a text of 1 to ${LONGEST_SEED} characters`)
}

/** Makes the folder of an exercise. */
export async function runStart(name: string, { seed, folder = folderOf(name) }: StartFlags): Promise<void> {
  const exercise = exerciseNamed(name)
  await makeExercise(exercise, seedFrom(seed), folder)
  say(`${exercise.title}: the task is in ${printableLine(join(folder, 'TASK.md'))}`)
}

/** Makes it anew, and keeps what was there under another name. */
export async function runReset(name: string, flags: ResetFlags): Promise<void> {
  const { folder = folderOf(name), yes = false } = flags
  const exercise = exerciseNamed(name)
  const seed = seedFrom(flags.seed)
  if ((await readMark(folder)).exercise !== name) {
    throw new ChatError('usage', `${folder} is the folder of another exercise`)
  }
  if (!yes && !(await wantsReset(folder))) return say('nothing has changed')
  const aside = await keepAside(folder)
  await makeExercise(exercise, seed, folder)
  say(`${printableLine(folder)} is new; what was there is in ${printableLine(aside)}`)
}

async function wantsReset(folder: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new ChatError('usage', 'nobody is there to be asked', { hint: '--yes says that it is meant' })
  }
  const { askYesNo } = await import('@p2p-secure-chat/core/terminal/questions')
  return askYesNo(`Begin anew in ${printableLine(folder)}? What is there is kept beside it.`, false)
}

/**
 * Checks what lies in a folder, what lies in all of them, or a receipt.
 *
 * @returns the exit code: 0 only if all is right
 */
export async function runCheck(name: string | undefined, flags: CheckFlags): Promise<number> {
  const { receipt, seed, json = false } = flags
  const stop = new AbortController()
  const hint = 'no receipt was written'
  for (const signal of ENDINGS) {
    process.once(signal, () => stop.abort(new ChatError('cancelled', 'the check was stopped', { hint })))
  }
  if (receipt !== undefined) return checkReceipt(receipt, seed, json, stop.signal)
  if (seed !== undefined) {
    throw new ChatError('usage', '--seed belongs to --receipt: the seed of a folder is in the folder')
  }
  let complete = true
  for (const folder of await foldersToCheck(name, flags.folder)) {
    complete = (await checkFolder(name, folder, json, stop.signal)) && complete
  }
  return complete ? 0 : 1
}

async function foldersToCheck(name: string | undefined, folder: string | undefined): Promise<readonly string[]> {
  if (folder !== undefined) return [folder]
  if (name !== undefined) return [folderOf(exerciseNamed(name).name)]
  const folders: string[] = []
  for (const exercise of EXERCISES) {
    const usual = folderOf(exercise.name)
    if (await exists(usual)) folders.push(usual)
  }
  if (folders.length > 0) return folders
  throw new ChatError('usage', 'no exercise was started here', { hint: 'chat-lab exercise start NAME; list shows all' })
}

async function checkFolder(
  name: string | undefined,
  folder: string,
  json: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { exercise: marked, seed } = await readMark(folder)
  if (name !== undefined && name !== marked) {
    throw new ChatError('usage', `${folder} is the folder of ${marked}, not of ${name}`)
  }
  const exercise = exerciseNamed(marked)
  const { submission, unknown } = await readSubmission(exercise, folder, seed)
  const marks = await grade(exercise, submission, signal)
  const here = { version: await ownVersion(), time: new Date().toISOString() }
  await writeReceipt(folder, receiptOf(exercise, submission, marks, here))
  showMarks(exercise, marks, json, join(folder, RECEIPT_FILE))
  for (const key of unknown) process.stderr.write(`note: no part is called ${printableLine(key, 40)}\n`)
  return isComplete(marks)
}

async function ownVersion(): Promise<string> {
  const { version }: { version: string } = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  return version
}

async function checkReceipt(
  path: string,
  seed: string | undefined,
  json: boolean,
  signal: AbortSignal,
): Promise<number> {
  const receipt = await readReceipt(path)
  const { marks, fault } = await regrade(receipt, signal)
  const wrong = seed === undefined || seed === receipt.seed ? fault : 'it is for another seed'
  if (json) {
    const { exercise, points } = receipt
    process.stdout.write(
      jsonLine({
        v: 1,
        event: 'receipt',
        exercise,
        earned: earned(marks),
        points,
        holds: wrong === null,
        fault: wrong,
      }),
    )
  } else {
    const verdict = wrong === null ? 'the receipt holds' : `the receipt does not hold: ${wrong}`
    say(`${receipt.exercise}: ${earned(marks)} of ${pointsOf(exerciseNamed(receipt.exercise))} points; ${verdict}`)
  }
  return wrong === null ? 0 : 1
}

function showMarks(exercise: Exercise, marks: readonly Mark[], json: boolean, receipt: string): void {
  const { name } = exercise
  const points = pointsOf(exercise)
  if (json) {
    for (const mark of marks) process.stdout.write(jsonLine({ v: 1, event: 'part', exercise: name, ...mark }))
    process.stdout.write(
      jsonLine({
        v: 1,
        event: 'checked',
        exercise: name,
        earned: earned(marks),
        points,
        complete: isComplete(marks),
        receipt,
      }),
    )
    return
  }
  const { green, red } = colourFor(process.stdout)
  say(`${name}: ${earned(marks)} of ${points} points`)
  for (const { part, remark, earned, points } of marks) {
    const sign = remark === null ? green('✓') : red('✗')
    say(`  ${sign} ${part.padEnd(10)} ${earned} of ${points}${remark === null ? '' : `  ${remark}`}`)
  }
}

/** Runs the service of an exercise until a signal ends it. */
export async function runServe(
  name: string,
  { folder = folderOf(name), port }: FolderFlags & { readonly port: number },
) {
  const exercise = exerciseNamed(name)
  const { exercise: marked, seed } = await readMark(folder)
  if (marked !== name) throw new ChatError('usage', `${folder} is the folder of ${marked}, not of ${name}`)
  if (exercise.serve === undefined) throw new ChatError('usage', `${name} has no service`)
  const listener = await exercise.serve(variantOf(name, seed), port)
  quietPipe()
  // Before the line that tells scripts to go ahead: one of them may end us at once.
  const ended = Promise.race(ENDINGS.map(signal => once(process, signal)))
  say(`listening on ${formatAddress(listener)}`)
  await ended
  listener.stop()
  listener.destroyAll()
}
