import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ofTheHandshake } from './handshake.ts'
import { ofPeople } from './people.ts'
import { ofPrograms } from './programs.ts'
import { ofRecords } from './records.ts'
import { testBuild } from './test-build.ts'
import { expectBreaks, removeBuilds, withBuild } from './without.ts'

removeBuilds()

const KINDS = [ofTheHandshake, ofPeople, ofRecords, ofPrograms]

test.each(KINDS.flat())('what removes $name has its place in what is built', ({ edits }) => {
  for (const { file, text } of edits) {
    const built = file.replace('/src/', '/dist/').replace(/\.ts$/, '.js')
    const source = readFileSync(new URL(`../../../${built}`, import.meta.url), 'utf8')
    expect(source.split(text), `${file}: ${text}`).toHaveLength(2)
  }
})

// One of each kind: protections.deep.test.ts has them all.
const ONE_OF_EACH = KINDS.flatMap(protections => protections.slice(0, 1))

test.concurrent.for(ONE_OF_EACH)('without $name', (protection, { expect }) => expectBreaks(protection, expect))

test('an edit of what is not there, or there twice, is a fault, and leaves nothing behind', () =>
  withBuild(async ({ packages, changed }) => {
    const file = 'aes-chat/src/record.ts'
    const built = `${packages}/aes-chat/dist/record.js`
    const before = readFileSync(built, 'utf8')
    const edit = { file, text: 'return mac(key, header, sealed)', by: '' }
    const run = () => Promise.reject(new Error('it ran'))
    await expect(changed([edit, { file, text: 'no such text', by: '' }], run)).rejects.toThrow(
      `${file} must have this exactly once, and has it 0 times: no such text`,
    )
    await expect(changed([{ file, text: 'HEADER_BYTES', by: '' }], run)).rejects.toThrow('has it 2 times')
    await expect(changed([edit], run)).rejects.toThrow('it ran')
    expect(readFileSync(built, 'utf8')).toBe(before)
  }))

test('nothing stays of a test build', async () => {
  const { packages, remove } = await testBuild()
  expect(existsSync(`${packages}/lab/dist/bin/chat-lab.js`)).toBe(true)
  await remove()
  expect(existsSync(packages)).toBe(false)
})
