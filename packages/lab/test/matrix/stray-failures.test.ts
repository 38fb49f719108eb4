import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const demo = fileURLToPath(new URL('../support/stray-failure-demo.ts', import.meta.url))

test('what fails while nobody waits for it is told, and the program goes on', async () => {
  const args = ['--import', 'tsx', '--conditions', 'p2p-secure-chat-source', demo]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  expect([stdout, stderr]).toEqual(['Error: given up\nError: in a handler\nit goes on\n', ''])
})
