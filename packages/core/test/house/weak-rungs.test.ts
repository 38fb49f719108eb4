import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { groupNames, namedGroup } from '../../src/dh/groups.ts'
import { runBin } from '../support/process.ts'
import { reachOf } from './support/reach.ts'
import { readSources } from './support/sources.ts'

// What is weak on purpose lives in the lab: the textbook, the toy groups, the attacks. Nobody may come to it by accident,
// nor by any flag, from a program that people trust.

const sources = readSources()

/** What stands above the rungs. */
const isAbove = (path: string) => /^(?:stage|dissector|lab|suite)\//.test(path)
const bins = [...sources.keys()].filter(path => /^[^/]+\/src\/bin\//.test(path) && !isAbove(path))
/** Starts a process, of a script that is a constant and loads `node:dns` alone. */
const ASKS_FOR_HOSTS = 'core/src/net/resolve.ts'

/** What is reached from a bin of the secure chat when a file of another package has one line more. */
function reachedWith(path: string, line: string) {
  const planted = new Map([...sources, [path, `${sources.get(path)}\n${line}\n`]])
  return reachOf(planted, 'aes-chat/src/bin/client.ts')
}

test('all programs that people run are looked at', () => {
  expect(bins.toSorted()).toEqual([
    'aes-chat/src/bin/client.ts',
    'aes-chat/src/bin/server.ts',
    'basic-p2p/src/bin/client.ts',
    'basic-p2p/src/bin/server.ts',
    'calculator/src/bin/client.ts',
    'calculator/src/bin/server.ts',
    'dh-chat/src/bin/client.ts',
    'dh-chat/src/bin/params.ts',
    'dh-chat/src/bin/server.ts',
  ])
})

test.each(bins)('%s reaches no file above the rungs', bin => {
  const { files, unseen } = reachOf(sources, bin)
  expect(files.size).toBeGreaterThan(5)
  expect([...files].filter(isAbove)).toEqual([])
  expect([...files].filter(path => !sources.has(path))).toEqual([])
  expect(unseen.filter(path => path !== ASKS_FOR_HOSTS)).toEqual([])
})

test.each([
  ['an import', "import { x } from '@p2p-secure-chat/lab/textbook/chat'"],
  ['a bare import', "import '@p2p-secure-chat/lab/bin/textbook'"],
  ['a dynamic import', "const x = () => import('@p2p-secure-chat/lab/textbook/toy-exchange')"],
  ['an export', "export { x } from '../../../lab/src/textbook/toy-exchange.ts'"],
  ['what was built', "import '../../../lab/dist/bin/textbook.js'"],
])('%s of the lab in a file far from the bin would be seen', (_, line) => {
  // Only ever loaded by an import of an import that is dynamic.
  const { files } = reachedWith('dh-chat/src/handshake/transcript.ts', line)
  expect([...files].filter(isAbove)).not.toEqual([])
})

test.each([
  ['a computed import', 'const x = (name: string) => import(name)'],
  ['a template', 'const x = await import(`@p2p-secure-chat/${rung}/bin/client`)'],
  ['require', "import { createRequire } from 'node:module'"],
  ['another process', "import { spawn } from 'node:child_process'"],
  ['a thread', "import { Worker } from 'node:worker_threads'"],
])('%s, which could load anything, would be seen', (_, line) => {
  expect(reachedWith('core/src/net/dial.ts', line).unseen).toContain('core/src/net/dial.ts')
})

test('a type of the lab is not loaded', () => {
  const { files } = reachedWith('core/src/net/dial.ts', "import type { X } from '@p2p-secure-chat/lab/textbook/chat'")
  expect([...files].filter(isAbove)).toEqual([])
})

test.each(['calculator', 'basic-p2p', 'dh-chat', 'aes-chat', 'core'])('%s depends on nothing above the rungs', name => {
  const manifest = readFileSync(fileURLToPath(new URL(`../../../${name}/package.json`, import.meta.url)), 'utf8')
  expect(manifest).not.toMatch(/p2p-secure-chat\/(?:stage|dissector|lab)/)
})

test('every group that has a name has at least 2,048 bits', () => {
  for (const name of groupNames) expect(namedGroup(name).p.toString(2).length).toBeGreaterThanOrEqual(2_048)
})

test('the clients of the secure rungs know no toy group', async () => {
  const home = mkdtempSync(join(tmpdir(), 'toy-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  for (const bin of ['dh-chat-client', 'aes-chat-client']) {
    const { code, stderr } = await runBin(bin, ['--name', 'alice', '--home', home, '--group', 'toy64'])
    expect([bin, code]).not.toEqual([bin, 0])
    expect(stderr).toContain('(unknown-group)')
  }
})
