import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { stretched } from '../support/patience.ts'

const DEMO = fileURLToPath(new URL('support/leave-demo.ts', import.meta.url))

/** Signals for the program, each sent once it has said that line. @returns its exit code, and how long the last one took */
async function ended(how: string, signals: readonly (readonly [line: string, signal: NodeJS.Signals])[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions', 'p2p-secure-chat-source', DEMO, how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  for (const [line, signal] of signals) {
    expect(await lines.next()).toMatchObject({ value: line })
    child.kill(signal)
  }
  const start = performance.now()
  const [code] = await exit
  return { code, milliseconds: performance.now() - start }
}

test('a signal does not wait without end for what comes first', async () => {
  const { code, milliseconds } = await ended('hangs', [['ready', 'SIGTERM']])
  expect(code).toBe(143)
  expect(milliseconds).toBeGreaterThan(1_500)
})

test('a second signal does not wait for it at all', async () => {
  const { code, milliseconds } = await ended('hangs', [
    ['ready', 'SIGTERM'],
    ['settling', 'SIGINT'],
  ])
  expect(code).toBe(130)
  expect(milliseconds).toBeLessThan(stretched(1_500))
})

test('a command that has failed waits for nothing that is still under way', async () => {
  expect(await ended('throws', [])).toMatchObject({ code: 3 })
})

test('what fails at the end does not keep the program from it', async () => {
  expect(await ended('fails', [['ready', 'SIGHUP']])).toMatchObject({ code: 129 })
})
