import { afterAll, type ExpectStatic } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'
import { ATTACKS } from '../../src/attacks/attacks.ts'
import { cellEvents } from '../support/attack-table.ts'
import type { Protection } from './protection.ts'
import { type TestBuild, testBuild } from './test-build.ts'

/** Builds that nobody uses at the moment. */
const free: TestBuild[] = []

/** Removes all builds after the last test of this file. */
export function removeBuilds(): void {
  afterAll(async () => {
    for (const build of free.splice(0)) await build.remove()
  })
}

/** Runs something with a build of its own. */
export async function withBuild<T>(run: (build: TestBuild) => Promise<T>): Promise<T> {
  const build = free.pop() ?? (await testBuild())
  try {
    return await run(build)
  } finally {
    free.push(build)
  }
}

/** Expects that a protection is what stops its attacks, and nothing else. */
export async function expectBreaks(protection: Protection, expect: ExpectStatic): Promise<void> {
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
}
