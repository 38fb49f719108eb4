import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, asyncProperty, constantFrom, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Exercise, hexBytes, pointsOf } from '../../src/exercise/exercise.ts'
import { makeExercise, readSubmission } from '../../src/exercise/exercise-folder.ts'
import { EXERCISES, exerciseNamed } from '../../src/exercise/exercises.ts'
import { earned, grade, isComplete } from '../../src/exercise/grade.ts'
import { variantOf } from '../../src/exercise/variant.ts'
import { exercise, fillIn, temporaryFolder } from '../support/student.ts'
import { SOLUTIONS } from './solutions/solutions.ts'

/** Being late counts against a script here, however busy the machine is. */
const QUIET = { isBusy: () => false, note: () => undefined }

/** Answers that have the right form and are wrong, whatever the variant: each form takes one of them. */
const WRONG = ['nothing of the kind', '1', 'aa'.repeat(32), '0'.repeat(60), 'signature', 'timeout']

/** Shorter answers, such as a digit or the number of a packet, stand in every file by chance. */
const SHORTEST_SECRET = 5

/** Nothing is encrypted there, so the text stands in the capture: that is the point. */
const IN_THE_OPEN = ['recover-message']

/**
 * What is right for seed `one`, as a hash. Where one changes, receipts of an earlier version do not hold any more: then the version
 * has to change as well.
 */
const PINNED: Readonly<Record<string, string>> = {
  'recover-message': '2d3fa18cecf824e9',
  'textbook-secret': '974e421eee07b5d3',
  'safety-number': 'e85ca3d6c40899d5',
  'malicious-directory': '66203aee9ec71739',
  'two-time-pad': '6ec5475b30701487',
  'forge-record': '27029b4e7f21f9f0',
  'replayed-record': '7173a303f2c4a154',
  'padding-oracle': 'bc84d57a70fd1e7d',
  'man-in-the-middle': '9c06c1cf6784c966',
  'stopped-attack': '9c77dd63eb482184',
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

async function expectHalf(known: Exercise, answers: Readonly<Record<string, string>>): Promise<void> {
  const half = Object.fromEntries(Object.entries(answers).slice(0, 1))
  const scores = await grade(known, { seed: 'one', answers: half, script: null })
  expect(scores.filter(({ remark }) => remark === null).map(({ part }) => part)).toEqual(Object.keys(half))
}

/** Holds the answers, as text and as the bytes that they are in hex, against all that is handed out. */
async function expectHidden(known: Exercise, answers: Readonly<Record<string, string>>): Promise<void> {
  const { task, hints, files } = await known.prepare(variantOf(known.name, 'one'))
  const handedOut = Buffer.concat([task, ...hints, ...Object.values(files)].map(part => Buffer.from(part)))
  for (const { key, form } of known.parts) {
    const answer = answers[key] ?? ''
    // One of several words that are all there says nothing.
    if (form === null || form.what.includes(answer) || answer.length < SHORTEST_SECRET) continue
    expect(handedOut.includes(answer), key).toBe(false)
    if (form === hexBytes) expect(handedOut.includes(Buffer.from(answer, 'hex')), key).toBe(false)
  }
}

describe.each(EXERCISES.map(known => [known.name, known] as const))('%s', (name, known) => {
  test('is solved from its folder alone, half of it counts, and no other variant takes it', async () => {
    const folder = join(temporaryFolder(), 'mine')
    await makeExercise(known, 'one', folder)
    const answers = (await SOLUTIONS[name]?.(folder)) ?? {}
    const script = known.script === null ? null : await readFile(join(folder, known.script), 'utf8')
    expect(digest(JSON.stringify([answers, script]))).toBe(PINNED[name])

    // Half a script is tried below.
    if (Object.keys(answers).length > 0) await expectHalf(known, answers)
    if (!IN_THE_OPEN.includes(name)) await expectHidden(known, answers)

    if (Object.keys(answers).length > 0) await fillIn(folder, answers)
    const { code, stdout } = await exercise(folder, 'check', '--folder', '.', '--json')
    const events = stdout.split('\n').filter(line => line !== '')
    expect(events.map((line): { remark?: string | null } => JSON.parse(line).remark ?? null)).toEqual(
      events.map(() => null),
    )
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ earned: pointsOf(known), complete: true })
    expect(code).toBe(0)

    const { submission } = await readSubmission(known, folder, 'another')
    const copied = await grade(known, submission)
    expect(isComplete(copied)).toBe(false)
    expect(earned(copied)).toBeLessThan(pointsOf(known))
  })

  test('as it is handed out it earns nothing', async () => {
    const folder = join(temporaryFolder(), 'mine')
    await makeExercise(known, 'one', folder)
    const { submission, unknown } = await readSubmission(known, folder, 'one')
    expect(unknown).toEqual([])
    expect(earned(await grade(known, submission, undefined, QUIET))).toBe(0)
  })

  test('is the same for the same seed, and another one for another', async () => {
    const filesFor = async (seed: string) => {
      const { task, files, solution } = await known.prepare(variantOf(name, seed))
      return JSON.stringify([task, files, solution])
    }
    expect(await filesFor('one')).toBe(await filesFor('one'))
    expect(await filesFor('one')).not.toBe(await filesFor('another'))
  })

  test('what is said of wrong answers tells nothing of the right ones: it is the same for every variant', async () => {
    const property = asyncProperty(string({ minLength: 1 }), constantFrom(...WRONG), async (seed, wrong) => {
      const answers = Object.fromEntries(known.parts.map(({ key }) => [key, wrong]))
      const [mine, theirs] = await Promise.all(
        [seed, `${seed}'`].map(seed => grade(known, { seed, answers, script: null })),
      )
      const wrongInBoth = (mine ?? []).flatMap(({ remark }, i) =>
        remark === null || theirs?.[i]?.remark === null ? [] : [[remark, theirs?.[i]?.remark]],
      )
      for (const [one, other] of wrongInBoth) expect(one).toBe(other)
    })
    await assert(property, { numRuns: 12 })
  })
})

test('there is a solution of each, and of nothing else', () => {
  expect(Object.keys(SOLUTIONS).sort()).toEqual(EXERCISES.map(({ name }) => name).sort())
})

test.each(EXERCISES.map(known => [known.name, known] as const))('%s is well-formed', async (name, known) => {
  const { parts, session, script } = known
  expect(name).toMatch(/^[a-z-]{3,20}$/)
  expect(session).toBeGreaterThanOrEqual(1)
  expect(session).toBeLessThanOrEqual(4)
  expect(pointsOf(known)).toBeGreaterThanOrEqual(8)
  expect(new Set(parts.map(({ key }) => key)).size).toBe(parts.length)
  const { solution, tryScript } = await known.prepare(variantOf(name, 'one'))
  expect(Object.keys(solution)).toEqual(parts.filter(({ form }) => form !== null).map(({ key }) => key))
  expect(tryScript !== undefined).toBe(script !== null)
  const file = new URL(`../../src/exercise/tasks/${name}.ts`, import.meta.url)
  expect(await readFile(file, 'utf8')).toContain(`name: '${name}'`)
})

test.each([
  ['passes everything on', (script: string) => script.replace('replaceAll(there, elsewhere)', 'slice()'), ['forges']],
  ['says nothing', (script: string) => script.replace('console.log(`alice', 'void (`alice'), ['reads']],
  [
    'falls over',
    (script: string) => script.replace('const ours', 'tumble()\n  const ours'),
    ['reads', 'forges', 'back'],
  ],
  ['says no port', () => 'console.log("listening to you")', ['reads', 'forges', 'back']],
])('a mallory who %s earns less', async (_, change, missing) => {
  const known = exerciseNamed('man-in-the-middle')
  const folder = join(temporaryFolder(), 'mine')
  await makeExercise(known, 'one', folder)
  await SOLUTIONS['man-in-the-middle']?.(folder)
  const script = change(await readFile(join(folder, 'mallory.mjs'), 'utf8'))
  const scores = await grade(known, { seed: 'one', answers: {}, script }, undefined, QUIET)
  expect(scores.filter(({ remark }) => remark !== null).map(({ part }) => part)).toEqual(missing)
})
