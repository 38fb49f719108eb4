import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeExercise } from '../../src/exercise/exercise-folder.ts'
import { exerciseNamed } from '../../src/exercise/exercises.ts'
import { grade } from '../../src/exercise/grade.ts'
import { temporaryFolder } from '../support/student.ts'
import { forgeRecord } from './solutions/forge-record.ts'
import { messagesOf, segmentOf } from './solutions/solve.ts'
import { twoTimePad } from './solutions/two-time-pad.ts'

/** Makes an exercise, and gives its folder and a way to grade answers. */
async function begun(name: string) {
  const known = exerciseNamed(name)
  const folder = join(temporaryFolder(), 'mine')
  await makeExercise(known, 'one', folder)
  return {
    folder,
    async remarksOn(answers: Readonly<Record<string, string>>) {
      const scores = await grade(known, { seed: 'one', answers, script: null })
      return Object.fromEntries(scores.map(({ part, remark }) => [part, remark]))
    },
  }
}

test('a forged record is held against what bob reads, byte by byte', async () => {
  const { folder, remarksOn } = await begun('forge-record')
  const { record = '', short = '' } = await forgeRecord(folder)
  const own = (await messagesOf(folder)).slice(-1).map(message => segmentOf(message).toString('hex'))[0] ?? ''
  const flipped = (hex: string, byte: number) =>
    Buffer.from(Buffer.from(hex, 'hex').map((value, i) => (i === byte ? value ^ 1 : value))).toString('hex')

  const another = 'bob does not read that text in it'
  const shape = 'a record is an IV and whole blocks of 16 bytes'
  expect(await remarksOn({ record, short })).toEqual({ record: null, short: null })
  expect(await remarksOn({ record: record.toUpperCase(), short: short.replace(/(..)/g, '$1 ') })).toEqual({
    record: null,
    short: null,
  })
  expect(await remarksOn({ record: own, short: own })).toEqual({ record: another, short: 'it must have 32 bytes' })
  expect(await remarksOn({ record: flipped(record, 3), short: flipped(short, 0) })).toEqual({
    record: another,
    short: another,
  })
  // The last byte of the IV decides the padding. If that could be told from the remark, a check would be a padding oracle.
  expect((await remarksOn({ record, short: flipped(short, 15) }))['short']).toBe(another)
  expect(await remarksOn({ record: record.slice(2), short: 'xyz' })).toEqual({
    record: shape,
    short: 'this is not bytes in hex',
  })
  expect((await remarksOn({ record: 'ab'.repeat(4_000), short }))['record']).toBe('this is not bytes in hex')
})

test('a record under a key stream that was used before is held against the whole frame', async () => {
  const { folder, remarksOn } = await begun('two-time-pad')
  const { forged = '', text = '' } = await twoTimePad(folder)
  expect(await remarksOn({ forged, text })).toEqual({ forged: null, text: null })
  const records = (await readFile(join(folder, 'records.txt'), 'utf8')).trim().split('\n')
  for (const wrong of [...records, forged.slice(2), `${forged}00`, 'ff']) {
    expect((await remarksOn({ forged: wrong }))['forged']).toBe('bob does not read that text in it')
  }
})
