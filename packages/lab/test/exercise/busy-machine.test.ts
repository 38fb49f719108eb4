import { expect, test } from 'vitest'
import type { Exercise } from '../../src/exercise/exercise.ts'
import { grade } from '../../src/exercise/grade.ts'

const LATE = 'it did not print "listening PORT"'

/** An exercise with nothing but a script, which is late in the first tries of it. */
function exerciseWithLateScript(times: number): { exercise: Exercise; tries: () => number } {
  let tries = 0
  const exercise: Exercise = {
    name: 'made-up',
    title: 'A script that is late',
    session: 1,
    minutes: 1,
    parts: [{ key: 'reads', points: 3, asks: 'it prints what alice says', form: null }],
    script: 'mallory.mjs',
    prepare: async () => ({
      task: '',
      hints: [],
      files: {},
      solution: {},
      async tryScript(_, { onLate }) {
        tries += 1
        if (tries > times) return { reads: null }
        onLate()
        return { reads: LATE }
      },
    }),
  }
  return { exercise, tries: () => tries }
}

const SUBMISSION = { seed: 'one', answers: {}, script: '// no matter what' }

function machine(busy: boolean) {
  const notes: string[] = []
  return { notes, isBusy: () => busy, note: (text: string) => void notes.push(text) }
}

const graded = (exercise: Exercise, on: ReturnType<typeof machine>) => grade(exercise, SUBMISSION, undefined, on)

test('a script that is late on a busy machine is tried once more, and that counts', async () => {
  const { exercise, tries } = exerciseWithLateScript(1)
  const busy = machine(true)
  expect(await graded(exercise, busy)).toMatchObject([{ part: 'reads', earned: 3, remark: null }])
  expect([tries(), busy.notes]).toEqual([2, ['the machine is busy: mallory.mjs was late, and is tried once more']])
})

test('one that is late twice on a busy machine has no grade', async () => {
  const { exercise, tries } = exerciseWithLateScript(2)
  await expect(graded(exercise, machine(true))).rejects.toMatchObject({
    code: 'timeout',
    message: 'the machine is busy: mallory.mjs was late twice',
  })
  expect(tries()).toBe(2)
})

test('one that is late on a quiet machine is late, and is told so', async () => {
  const { exercise, tries } = exerciseWithLateScript(2)
  const quiet = machine(false)
  expect(await graded(exercise, quiet)).toMatchObject([{ earned: 0, remark: LATE }])
  expect([tries(), quiet.notes]).toEqual([1, []])
})
