import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { VERSION } from '@p2p-secure-chat/core/installation'
import { eventLine } from '@p2p-secure-chat/core/terminal/json-line'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import { exists, folderOf, openFolder, readSubmission } from '../exercise-folder.ts'
import { exerciseNamed, EXERCISES } from '../exercises.ts'
import { earned, grade, isComplete, type Score } from '../grade.ts'
import { readReceipt, RECEIPT_FILE, receiptOf, regrade, writeReceipt } from '../receipt.ts'
import { type Exercise, pointsOf } from '../exercise.ts'

export interface CheckFlags {
  readonly folder?: string
  readonly receipt?: string
  readonly seed?: string
  readonly json?: boolean
}

/**
 * Checks the answers in a folder, in all folders, or a receipt.
 *
 * @returns the exit code: 0 only if all is right
 * @throws {ChatError} `usage`, `unreadable`, `unwritable`, `disk-full`, `cancelled`
 */
export async function runCheck(name: string | undefined, flags: CheckFlags): Promise<number> {
  const { receipt, seed, json = false } = flags
  if (receipt === undefined && seed !== undefined) {
    throw new ChatError('usage', '--seed belongs to --receipt: the seed of a folder is in the folder')
  }
  if (receipt !== undefined && (name !== undefined || flags.folder !== undefined)) {
    throw new ChatError(
      'usage',
      '--receipt takes neither a name nor --folder: the receipt says which exercise it is for',
    )
  }
  quietPipe()
  const stop = new AbortController()
  const stopped = new ChatError('cancelled', 'the check was stopped', { hint: 'no receipt was written' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort(stopped))
  if (receipt !== undefined) return checkReceipt(receipt, seed, json, stop.signal)
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
  throw new ChatError('usage', 'no exercise was started here', {
    hint: `${typedCommand('chat-lab', 'exercise start NAME')}; list shows all`,
  })
}

async function checkFolder(
  name: string | undefined,
  folder: string,
  json: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { exercise, seed } = await openFolder(folder, name)
  const { submission, unknown } = await readSubmission(exercise, folder, seed)
  const scores = await grade(exercise, submission, signal)
  const here = { version: VERSION, time: new Date().toISOString() }
  await writeReceipt(folder, receiptOf(exercise, submission, scores, here))
  process.stdout.write((json ? scoresAsJson : scoresAsText)(exercise, scores, join(folder, RECEIPT_FILE)))
  for (const key of unknown) process.stderr.write(`note: no part is called ${printableLine(key, 40)}\n`)
  return isComplete(scores)
}

async function checkReceipt(
  path: string,
  seed: string | undefined,
  json: boolean,
  signal: AbortSignal,
): Promise<number> {
  const receipt = await readReceipt(path)
  const { scores, fault } = await regrade(receipt, VERSION, signal)
  const wrong = seed === undefined || seed === receipt.seed ? fault : 'it is for another seed'
  const { exercise, points } = receipt
  const worth = earned(scores)
  if (json) {
    const event = { event: 'receipt', exercise, earned: worth, points, holds: wrong === null, fault: wrong }
    process.stdout.write(eventLine(event))
  } else {
    const verdict = wrong === null ? 'the receipt holds' : `the receipt does not hold: ${wrong}`
    process.stdout.write(`${exercise}: ${worth} of ${points} points; ${verdict}\n`)
  }
  return wrong === null ? 0 : 1
}

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
