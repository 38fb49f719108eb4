import { existsSync, readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'
import { ATTACKS } from '../../src/attacks/attacks.ts'
import { cellEvents } from '../support/attack-table.ts'
import { PROTECTIONS } from './protections.ts'
import { type TestBuild, testBuild } from './test-build.ts'

/** Builds that nobody uses at the moment. */
const free: TestBuild[] = []
afterAll(() => Promise.all(free.map(build => build.remove())))

/** Runs something with a build of its own. */
async function withBuild<T>(run: (build: TestBuild) => Promise<T>): Promise<T> {
  const build = free.pop() ?? (await testBuild())
  try {
    return await run(build)
  } finally {
    free.push(build)
  }
}

// At once, since some plays wait for deadlines of their victims.
test.concurrent.for(PROTECTIONS)('without $name', async (protection, { expect }) => {
  const { edits, breaks, secondLocks = {} } = protection
  const expected = [
    ...Object.entries(breaks).map(([name, words]) => ({ name, result: 'broken', words })),
    ...Object.entries(secondLocks).map(([name, words]) => ({ name, result: 'resisted', words })),
  ]
  const flags = ['matrix', '--json', '--rung', 'aes', '--attack', ...expected.map(({ name }) => name)]
  const { stdout, stderr } = await withBuild(({ packages, changed }) =>
    changed(edits, () => startBin('chat-lab', flags, { packages }).ended()),
  )
  const events = cellEvents(stdout)
  for (const { name, result, words } of expected) {
    const claimed = ATTACKS.find(attack => attack.name === name)?.against.aes.result
    expect(claimed, `${name} where nothing is missing, as the matrix shows`).toBe('resisted')
    const cell = events.find(({ attack }) => attack === name)
    expect(cell?.result, cell?.evidence ?? cell?.message ?? stderr).toBe(result)
    for (const part of words.split('…')) expect(cell?.evidence).toContain(part.trim())
  }
})

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
