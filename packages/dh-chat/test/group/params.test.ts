import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runBin, startBin } from '../../../core/test/support/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'dh-params-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  [['--bits', '1024'], '--bits 1024 is too short'],
  [['--bits', '2047'], '--bits 2047 is too short'],
  [['--bits', '8193'], 'from 2048 to 8192, not 8193'],
  [['--bits', '2048.5'], 'from 2048 to 8192, not 2048.5'],
  [['--bits', '1e4'], 'from 2048 to 8192, not 1e4'],
  [['--bits', '-5'], 'from 2048 to 8192, not -5'],
  [['--bits', ''], '--bits is empty'],
  [['--bits'], "'--bits <bits>' argument missing"],
  [['--size', '2048'], "unknown option '--size'"],
  [['2048'], "unexpected argument '2048'"],
])('dh-params %j is wrong usage', async (args, reason) => {
  const { code, stdout, stderr } = await runBin('dh-params', args)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^error: .* \(usage\)\n {2}see --help.*\n$/)
  expect(stderr).toContain(reason)
})

test('a file that exists is refused before the search, and left alone', async () => {
  const file = join(folder, 'mine.txt')
  writeFileSync(file, 'precious')
  const { code, stderr } = await runBin('dh-params', ['--out', file])
  expect(code).toBe(1)
  expect(stderr).toContain('already exists (unwritable)\n  --force overwrites it\n')
  expect(readFileSync(file, 'utf8')).toBe('precious')
})

test('a folder that does not exist is told before the search', async () => {
  const { code, stderr } = await runBin('dh-params', ['--out', join(folder, 'missing', 'x.pem'), '--force'])
  expect(code).toBe(1)
  expect(stderr).toContain('(unwritable)')
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the search with %i, quietly and without a file', async (signal, exitCode) => {
  const file = join(folder, `${signal}.pem`)
  const run = startBin('dh-params', ['--bits', '4096', '--out', file])
  await run.stderrShows('candidates:')
  run.kill(signal)
  const { code, stdout, stderr } = await run.ended()
  expect(code).toBe(exitCode)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^candidates: 1 tried, about [0-9,]+ expected\n$/)
  expect(existsSync(file)).toBe(false)
})

test('--help says defaults, limits and exit codes', async () => {
  const { code, stdout } = await runBin('dh-params', ['--help'])
  expect(code).toBe(0)
  for (const part of ['--bits', '2048 to 8192', 'default: 2048', '--out', '--force', '130'])
    expect(stdout).toContain(part)
})
