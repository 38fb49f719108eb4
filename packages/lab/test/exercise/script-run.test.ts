import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { outputOf, startScript } from '../../src/exercise/script-run.ts'
import { temporaryFolder } from '../support/student.ts'

/** Nobody leaves before the end. */
const { signal } = new AbortController()

function scriptOf(text: string): string {
  const path = join(temporaryFolder(), 'script.mjs')
  writeFileSync(path, text)
  return path
}

test('a script gets its arguments, and all that it prints is there', async () => {
  const script = scriptOf('console.log(process.argv.slice(2).join("+"))')
  expect(await outputOf(script, ['1', '2'], { signal })).toEqual({ output: '1+2\n', fault: null })
})

test.each([
  ['hangs', 'setInterval(() => {}, 1000)', 'it still ran after 1 seconds'],
  ['spins', 'for (;;) {}', 'it still ran after 1 seconds'],
  ['ignores signals', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)', 'it still ran after 1 seconds'],
])('one that %s is ended', async (_, text, fault) => {
  expect(await outputOf(scriptOf(text), [], { signal, seconds: 1 })).toEqual({ output: '', fault })
})

test.each([
  ['throws', 'throw new RangeError("too far")', 'it ended with 1: RangeError: too far'],
  ['is no JavaScript', 'to be written', /^it ended with 1: SyntaxError: /],
  ['gives up', 'console.error("no idea"); process.exit(7)', 'it ended with 7: no idea'],
  ['gives up without a word', 'process.exit(7)', 'it ended with 7'],
  ['plays with the terminal', 'console.error("\\u001b[2J"); process.exit(1)', 'it ended with 1: ␛[2J'],
  ['prints without end', 'for (;;) console.log("x".repeat(1000))', 'it printed more than 64 KiB'],
  ['writes a file', 'import fs from "node:fs"; fs.writeFileSync("x", "x")', /^it ended with 1: Error: .*restricted/],
  [
    'reads a file of ours',
    'import fs from "node:fs"; fs.readFileSync("/etc/hosts")',
    /^it ended with 1: Error: .*restricted/,
  ],
  [
    'starts a program',
    'import { execSync } from "node:child_process"; execSync("ls")',
    /^it ended with 1: Error: .*restricted/,
  ],
])('one that %s is told so in one line', async (_, text, fault) => {
  const run = await outputOf(scriptOf(text), [], { signal })
  expect(run.fault).toMatch(fault)
  expect(run.fault).not.toContain('\n')
})

test.runIf(process.platform === 'linux')('one that hoards memory outside of the heap is ended', async () => {
  const hoard = 'const all = Array.from({ length: 40 }, () => Buffer.alloc(2 ** 24, 1)); setInterval(() => all, 1000)'
  expect(await outputOf(scriptOf(hoard), [], { signal })).toEqual({
    output: '',
    fault: 'it took more than 512 MiB of memory',
  })
})

test('lines are waited for, and there are none after its end', async () => {
  const run = startScript(scriptOf('console.log("noise"); console.log("listening 7"); setTimeout(() => {}, 50)'), [], {
    signal,
  })
  expect((await run.line(/^listening (\d+)$/))?.[1]).toBe('7')
  expect(await run.line(/^more$/)).toBeNull()
  expect(run.fault).toBeNull()
})

test('a script that is stopped has no fault', async () => {
  const run = startScript(scriptOf('console.log("here"); setInterval(() => {}, 1000)'), [], { signal })
  await run.line(/^here$/)
  await run.stop()
  expect(run.fault).toBeNull()
})

test('a script ends with whoever waits for it', async () => {
  const leave = new AbortController()
  const run = startScript(scriptOf('console.log("here"); setInterval(() => {}, 1000)'), [], { signal: leave.signal })
  await run.line(/^here$/)
  leave.abort()
  await run.ended
  expect(run.fault).toBe('it was stopped')
})

test('where nobody waits any more none goes on', async () => {
  const run = startScript(scriptOf('setInterval(() => {}, 1000)'), [], { signal: AbortSignal.abort() })
  await run.ended
  expect(run.fault).toBe('it was stopped')
})
