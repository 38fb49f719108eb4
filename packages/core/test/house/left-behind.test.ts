import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { markedProcesses } from '../support/marked-processes.ts'
import { polling } from '../support/patience.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const VITEST = join(root, 'node_modules/vitest/vitest.mjs')
const SUPPORT = join(root, 'packages/core/test/support')

/** A run of vitest with one test, which starts a program that starts another and never ends. Hooks are vitest's. */
async function endlessRun(hooks: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'endless-run-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const config = join(folder, 'vitest.config.mjs')
  const options = { root, test: { include: ['packages/core/test/support/demos/programs-demo.ts'], ...hooks } }
  writeFileSync(config, `export default ${JSON.stringify(options)}`)
  const processes = markedProcesses()
  const run = spawn(process.execPath, [VITEST, 'run', '--config', config], {
    env: { ...process.env, ...processes.env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => void run.kill('SIGKILL'))
  let worker = 0
  for await (const line of createInterface(run.stdout)) {
    worker = Number(/worker (\d+)/.exec(line)?.[1] ?? 0)
    if (worker > 0) break
  }
  run.stdout.resume()
  // Vitest, its worker, and the two programs.
  await expect.poll(processes.count, polling()).toBeGreaterThanOrEqual(4)
  return { vitest: run.pid ?? 0, worker, leftNothing: () => expect.poll(processes.count, polling()).toBe(0) }
}

test.skipIf(process.platform !== 'linux')('the programs of a test end with its worker, even by SIGKILL', async () => {
  const { worker, leftNothing } = await endlessRun({ setupFiles: join(SUPPORT, 'before-file.ts') })
  process.kill(worker, 'SIGKILL')
  await leftNothing()
})

test.skipIf(process.platform !== 'linux')('workers and their programs end with vitest, even by SIGKILL', async () => {
  const { vitest, leftNothing } = await endlessRun({ globalSetup: join(SUPPORT, 'before-run.ts') })
  process.kill(vitest, 'SIGKILL')
  await leftNothing()
})
